using System.Text.Json;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Datasets;

/// <summary>Reads <c>dataset.json</c>, format 1 or nnU-Net's, and names the field of each error.</summary>
internal static class ManifestReader
{
    /// <summary>Reads a manifest; does not check that the files exist.</summary>
    /// <param name="path">The manifest.</param>
    /// <param name="mayHaveSources">Whether it may list other datasets.</param>
    /// <exception cref="ProblemException">It is not a manifest, or a field is invalid (exit 3).</exception>
    public static Dataset Read(string path, bool mayHaveSources = true)
    {
        using var document = Parse(path);
        var root = new ManifestField(path, "", document.RootElement);
        root.RequireObject();
        if (NnunetFolder.IsOne(root))
            return NnunetFolder.Read(root, Path.GetDirectoryName(path)!);
        var folder = Path.GetDirectoryName(path)!;
        if (mayHaveSources && SourcesReader.IsOne(root))
        {
            CheckFormat(root);
            return SourcesReader.Read(root, folder);
        }
        root.AllowOnly(
            "format",
            "name",
            "profile",
            "labels",
            "regions",
            "ignore",
            "mirror",
            "channels",
            "cases"
        );
        CheckFormat(root);
        var profile = Profile(root);
        if (root.Find("ignore") is { } ignore)
            profile = profile with { Ignore = Ignore(ignore, profile) };
        profile = profile with { Regions = [.. Regions(root)] };
        string[] channels = [.. root.Find("channels") is { } list ? Channels(list) : []];
        CheckChannels(root, channels);
        DatasetCase[] cases = [.. root.Get("cases").Items().Select(c => Case(c, folder, channels))];
        if (cases.Length == 0)
            throw root.Get("cases").Fault("the list is empty", "Add a case");
        return new Dataset(
            folder,
            root.Find("name")?.Text() ?? Path.GetFileName(folder),
            profile,
            root.Find("mirror") is { } mirror ? Mirror(mirror, profile) : FlipAugmentation.None,
            cases
        )
        {
            Channels = channels,
        };
    }

    /// <summary>The field <c>regions</c>: unions of structures by name; none without the field.</summary>
    /// <exception cref="ProblemException">It is invalid (exit 3).</exception>
    public static IEnumerable<NamedRegion> Regions(ManifestField root)
    {
        if (root.Find("regions") is not { } field)
            yield break;
        field.RequireObject();
        foreach (var property in field.Value.EnumerateObject())
        {
            var list = field.Get(property.Name);
            string[] structures = [.. list.Items().Select(item => item.Text())];
            if (
                structures.Select(LabelSchema.Plain).Distinct().Count() is var count && count < 2
                || count < structures.Length
            )
                throw list.Fault(
                    "it is not several structures",
                    "List the names of at least two different ones"
                );
            yield return new(property.Name, structures);
        }
    }

    private static void CheckFormat(ManifestField root)
    {
        var format = root.Get("format");
        if (format.Number() != 1)
            throw format.Fault(
                $"format {format.Value} is not supported",
                "Use format 1, or a newer version of this program"
            );
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllText(path));
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Data,
                $"{path}, line {e.LineNumber + 1}",
                "it is not JSON",
                "Correct the line or the one before it",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"it can't be read ({e.Message.TrimEnd('.')})",
                "Check its permissions",
                e
            );
        }
    }

    // A predefined profile fixes the labels; listing them is allowed but they must not differ.
    private static LabelSchema Profile(ManifestField root)
    {
        var name = root.Get("profile");
        var known = LabelSchema.Find(name.Text());
        if (root.Find("labels") is not { } list)
            return known
                ?? throw name.Fault(
                    $"profile \"{name.Text()}\" is unknown and no labels are listed",
                    $"Use {string.Join(", ", LabelSchema.Known.Select(p => p.Name))}, or list the labels"
                );
        var profile = new LabelSchema(name.Text(), [.. list.Items().Select(item => item.Text())]);
        foreach (var (value, label) in list.Items().Index())
            if (LabelSchema.IsIgnoreName(label.Text()))
                throw label.Fault(
                    $"\"{label.Text()}\" is listed as a structure and would be learned as one",
                    $"Remove it from the list and add \"ignore\": {value} beside the list"
                );
        if (known is not null && !known.SameOrder(profile))
            throw list.Fault(
                LabelSchema.Known.FirstOrDefault(profile.SameOrder) is { } other
                    ? $"the labels are those of profile {other.Name}, not {known.Name}"
                    : $"the labels are not those of profile {known.Name}, which are {string.Join(", ", known.Labels)}",
                "Correct the list, or give the profile another name"
            );
        return profile.Classes is >= 2 and <= LabelSchema.MostClasses
            ? profile
            : throw list.Fault(
                $"there are {profile.Classes} labels",
                $"List 2 to {LabelSchema.MostClasses}, beginning with the background"
            );
    }

    private static byte Ignore(ManifestField field, LabelSchema profile) =>
        field.Number() is var value
        && double.IsInteger(value)
        && value >= profile.Classes
        && value <= byte.MaxValue
            ? (byte)value
            : throw field.Fault(
                $"{field.Value} can't be the ignore label",
                $"Use a whole number that is not a label, from {profile.Classes} to {byte.MaxValue}"
            );

    private static FlipAugmentation Mirror(ManifestField field, LabelSchema profile)
    {
        field.AllowOnly("axes", "swap");
        return new FlipAugmentation(
            [.. field.Get("axes").Items().Select(axis => axis.Word<ModelAxis>()).Distinct()],
            [.. field.Find("swap")?.Items().Select(pair => Pair(pair, profile)) ?? []]
        );
    }

    private static SwappedLabels Pair(ManifestField field, LabelSchema profile) =>
        field.Items().Select(item => item.Number()).ToArray() is [var first, var second]
        && IsLabel(first, profile)
        && IsLabel(second, profile)
            ? new((byte)first, (byte)second)
            : throw field.Fault(
                "it is not two labels",
                $"Write two whole numbers from 1 to {profile.Classes - 1}, such as [2, 3]"
            );

    private static bool IsLabel(double number, LabelSchema profile) =>
        double.IsInteger(number) && number > 0 && number < profile.Classes;

    private static string[] Channels(ManifestField field)
    {
        string[] names = [.. field.Items().Select(item => item.Text())];
        foreach (var (name, item) in names.Zip(field.Items()))
            if (name.AsSpan().ContainsAny("=,#") || names.Count(other => other == name) > 1)
                throw item.Fault(
                    $"\"{name}\" can't name a channel",
                    "Give each channel a name of its own, without =, commas and #"
                );
        return names is not []
            ? names
            : throw field.Fault("the list is empty", "List the names, or remove it");
    }

    // All cases at once, since a mistake is rarely alone.
    private static void CheckChannels(ManifestField root, string[] channels)
    {
        List<string> wrong = [];
        foreach (var one in root.Get("cases").Items())
        {
            if (one.Find("images") is not { } images)
                continue;
            images.RequireObject();
            string[] names = [.. images.Value.EnumerateObject().Select(image => image.Name)];
            if (names.Order().SequenceEqual(channels.Order()))
                continue;
            string[] differences =
            [
                .. channels.Except(names).Select(name => $"no {name}"),
                .. names.Except(channels).Select(name => $"{name}, which is no channel"),
                .. names
                    .CountBy(name => name)
                    .Where(c => c.Value > 1)
                    .Select(c => $"{c.Key} twice"),
            ];
            wrong.Add($"{one.Get("id").Text()} has {string.Join(", ", differences)}");
        }
        if (wrong is not [])
            throw root.Get("cases")
                .Fault(
                    $"the images of {wrong.Count} case{(wrong.Count == 1 ? "" : "s")} are not those of the channels: {string.Join("; ", wrong)}",
                    channels is []
                        ? "List the names beside the cases, as \"channels\": [\"echo1\", \"echo2\"]"
                        : $"Give each case {string.Join(", ", channels)}, or correct \"channels\""
                );
    }

    private static DatasetCase Case(ManifestField field, string folder, string[] channels)
    {
        field.AllowOnly(
            "id",
            "subject",
            "side",
            "split",
            "image",
            "images",
            "labels",
            "spacing",
            "maps"
        );
        var id = field.Get("id");
        if (id.Text().AsSpan().ContainsAny(Path.GetInvalidFileNameChars()))
            throw id.Fault(
                $"\"{id.Text()}\" can't name a file",
                "Use letters, digits, dots and hyphens"
            );
        var isOneFile = field.Find("images") is null && channels.Length > 1;
        var images = Images(field, folder, channels);
        DatasetCase one = new(
            id.Text(),
            field.Find("subject")?.Text() ?? id.Text(),
            field.Find("side")?.Word<KneeSide>() ?? KneeSide.Unknown,
            field.Get("split").Word<Split>(),
            images[0],
            field.Find("labels") is { } labels ? Inside(labels, folder) : null,
            field.Find("spacing") is { } spacing ? Spacing(spacing) : null
        );
        one = one with { OtherImages = images[1..], IsOneFile = isOneFile };
        return field.Find("maps") is { } maps
            ? one with
            {
                Maps = maps.Fields()
                    .ToDictionary(map => map.Name, map => Inside(map.Value, folder)),
            }
            : one;
    }

    // In the order of the channels: a file for each, or the volumes of one file.
    private static string[] Images(ManifestField field, string folder, string[] channels)
    {
        if (field.Find("images") is { } images)
            return field.Find("image") is null
                ? [.. channels.Select(name => Inside(images.Get(name), folder))]
                : throw field.Fault("it has both \"image\" and \"images\"", "Keep one of the two");
        var file = Inside(field.Get("image"), folder);
        return channels.Length > 1
            ? [.. channels.Select((_, i) => $"{file}#volume={i + 1}")]
            : [file];
    }

    private static string Inside(ManifestField field, string folder)
    {
        if (field.Text().Contains('\0'))
            throw field.Fault(
                "it is not a valid path",
                "Write the path relative to the dataset's folder"
            );
        var path = Path.GetFullPath(field.Text(), folder);
        return path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw field.Fault(
                $"\"{field.Text()}\" is outside the dataset's folder",
                "Move the file into it and use a relative path"
            );
    }

    private static ModelSpacing Spacing(ManifestField field) =>
        field.Items().Select(item => item.Number()).ToArray()
            is [> 0 and var d, > 0 and var h, > 0 and var w]
            ? new ModelSpacing(d, h, w)
            : throw field.Fault(
                "it is not three lengths",
                "Write depth, height and width in mm, such as [0.7, 0.365, 0.365]"
            );
}
