using System.Text.Json;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Data.Datasets;

/// <summary>
/// A raw dataset of nnU-Net, versions 1 and 2: <c>imagesTr/ID_0000.nii.gz</c> beside <c>labelsTr/ID.nii.gz</c>, and
/// <c>imagesTs</c> for testing. It has neither subjects nor a validation split: subjects are inferred from names, and a
/// fifth of them is used for validation. Mirroring is off (Isensee et al. 2021).
/// </summary>
internal static class NnunetFolder
{
    private const string Background = "background";
    private const int Parts = 5;

    // Features of nnU-Net that are not supported.
    private static readonly (string Field, string What, string Fix)[] NotRead =
    [
        (
            "dataset",
            "listed files are not supported",
            "Put them into imagesTr and labelsTr, copied or linked, and remove the field"
        ),
    ];

    // Channel names for which nnU-Net does not use z-score normalization.
    private static readonly string[] Normalized = ["CT", "noNorm", "rescale_to_0_1", "rgb_to_0_1"];

    /// <summary>Whether a manifest is one of nnU-Net's.</summary>
    public static bool IsOne(ManifestField root) =>
        (root.Find("channel_names") ?? root.Find("modality")) is not null;

    /// <summary>Reads a manifest and lists the files beside it.</summary>
    /// <exception cref="ProblemException">Its labels overlap, two channels have one name, or there are no images (exit 3).</exception>
    public static Dataset Read(ManifestField root, string folder)
    {
        foreach (var (name, what, fix) in NotRead)
            if (root.Find(name) is { } field)
                throw field.Fault(what, fix);
        var channels = root.Find("channel_names") ?? root.Get("modality");
        channels.RequireObject();
        var names = Channels(channels);
        string[] suffixes = [.. names.Select((_, channel) => CaseId.ChannelSuffix(channel))];
        var ending = root.Find("file_ending")?.Text() ?? ".nii.gz";
        var train = Ids(Path.Combine(folder, "imagesTr"), ending, suffixes);
        if (train.Length == 0)
            throw root.Fault(
                $"there is no image *{CaseId.Channel}{ending} in imagesTr",
                "Put the images there, as nnU-Net requires"
            );
        var parts = Subjects.Deal(train.Select(Subjects.Of), Parts, seed: 0);
        return new Dataset(
            folder,
            root.Find("name")?.Text() ?? Path.GetFileName(folder),
            Profile(root),
            FlipAugmentation.None,
            [
                .. train.Select(id =>
                    Case("Tr", id, parts[Subjects.Of(id)] == 0 ? Split.Validation : Split.Train)
                ),
                .. Ids(Path.Combine(folder, "imagesTs"), ending, suffixes)
                    .Select(id => Case("Ts", id, Split.Test)),
            ]
        )
        {
            Channels = names.Length > 1 ? names : [],
            Warnings =
            [
                .. names
                    .Where(name => Normalized.Contains(name, StringComparer.OrdinalIgnoreCase))
                    .Select(OtherNormalization),
            ],
        };

        DatasetCase Case(string set, string id, Split split)
        {
            var labels = Path.Combine(folder, $"labels{set}", id + ending);
            return new(
                id,
                Subjects.Of(id),
                KneeSide.Unknown,
                split,
                Image(suffixes[0]),
                split == Split.Test && !File.Exists(labels) ? null : labels,
                null
            )
            {
                OtherImages = [.. suffixes.Skip(1).Select(Image)],
            };

            string Image(string suffix) =>
                Path.Combine(folder, $"images{set}", id + suffix + ending);
        }
    }

    /// <summary>The names of the channels, in the order of their numbers.</summary>
    public static string[] Channels(ManifestField field)
    {
        (int Number, string Name)[] channels =
        [
            .. field
                .Value.EnumerateObject()
                .Select(one =>
                    (
                        int.TryParse(one.Name, out var number)
                            ? number
                            : throw field.Fault(
                                $"\"{one.Name}\" is no channel's number",
                                "Number the channels 0, 1, 2 and so on"
                            ),
                        one.Value.ToString()
                    )
                )
                .OrderBy(one => one.Item1),
        ];
        string[] names = [.. channels.Select(one => one.Name)];
        if (!channels.Select(one => one.Number).SequenceEqual(Enumerable.Range(0, names.Length)))
            throw field.Fault(
                $"its channels have the numbers {string.Join(", ", channels.Select(one => one.Number))}",
                "Number the channels 0, 1, 2 and so on"
            );
        return names.Distinct().Count() == names.Length && names is not []
            ? names
            : throw field.Fault(
                $"its channels are {string.Join(", ", names)}",
                "Give each channel a name of its own: images are matched by it"
            );
    }

    private static ValidationIssue OtherNormalization(string channel) =>
        new(
            IssueSeverity.Warning,
            "",
            $"nnU-Net has its own normalization for channel \"{channel}\"; here the recipe decides",
            "Choose with --set intensity=, such as percentiles"
        );

    // Hidden files are skipped.
    private static string[] Ids(string folder, string ending, string[] suffixes)
    {
        if (!Directory.Exists(folder))
            return [];
        string[] names =
        [
            .. Directory
                .GetFiles(folder, $"*{ending}")
                .Select(path => Path.GetFileName(path)[..^ending.Length])
                .Where(name => !name.StartsWith('.'))
                .Order(StringComparer.Ordinal),
        ];
        string? SuffixOf(string name) =>
            Array.Find(suffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal));
        if (
            Array.Find(names, name => SuffixOf(name) is null) is { } other
            && names.Any(name => SuffixOf(name) is not null)
        )
            throw new ProblemException(
                ExitCode.Data,
                Path.Combine(folder, other + ending),
                suffixes is [var only]
                    ? $"it is not of channel {only}, the only one that dataset.json names"
                    : $"it is of none of the channels {string.Join(", ", suffixes)}",
                $"Name an image ID{suffixes[0]}{ending}; move other channels elsewhere, or name them in channel_names"
            );
        return
        [
            .. names
                .Where(name => SuffixOf(name) is not null)
                .Select(name => name[..^CaseId.Channel.Length])
                .Distinct(),
        ];
    }

    /// <summary>
    /// The label map. Version 2 has names to values, version 1 values to names. With regions_class_order, a name of several values
    /// is a region, and values without a name of their own are called by their number.
    /// </summary>
    public static LabelSchema Profile(ManifestField root)
    {
        var labels = root.Get("labels");
        labels.RequireObject();
        SortedDictionary<int, string> names = [];
        Dictionary<string, int[]> regions = [];
        foreach (var property in labels.Value.EnumerateObject())
        {
            var list = root.Find("regions_class_order") is null ? null : Values(property.Value);
            if (list is { Length: > 1 })
            {
                regions.Add(property.Name, list);
                continue;
            }
            var value = list is [var only] ? $"{only}" : property.Value.ToString();
            var (label, name) =
                int.TryParse(value, out var number) ? (number, property.Name)
                : int.TryParse(property.Name, out number) ? (number, value)
                : throw labels.Fault(
                    $"the label \"{property.Name}\" has the values {value}",
                    "Give each label one value, or add regions_class_order as nnU-Net requires for regions"
                );
            if (!names.TryAdd(label, name))
                throw labels.Fault(
                    $"\"{names[label]}\" and \"{name}\" both have the value {label}",
                    "Give each label its own value"
                );
        }
        foreach (var value in regions.Values.SelectMany(values => values))
            names.TryAdd(value, $"label {value}");
        if (names.FirstOrDefault(one => one.Value == Background).Key is > 0 and var wrong)
            throw labels.Fault(
                $"\"{Background}\" has the value {wrong}",
                "Give the background the value 0"
            );
        var ignore = Ignore(labels, names);
        if (
            names.Count is < 2 or > LabelSchema.MostClasses
            || !names.Keys.SequenceEqual(Enumerable.Range(0, names.Count))
            || ignore is { } last && last != names.Count
        )
            throw labels.Fault(
                $"its label values are {string.Join(", ", ignore is { } value ? names.Keys.Append(value) : names.Keys)}",
                $"Number the labels 0, 1, 2 and so on, beginning with the background and ending with ignore where there is one; at most {LabelSchema.MostClasses}"
            );
        if (
            regions.FirstOrDefault(region =>
                region.Value.Any(value => value < 1 || value >= names.Count)
            ) is
            { Key: { } outside }
        )
            throw labels.Fault(
                $"the region \"{outside}\" has background or ignored voxels",
                "Give it structures only"
            );
        string[] plain = [.. names.Values.Select(LabelSchema.Plain)];
        var profile =
            LabelSchema.Known.FirstOrDefault(known => known.Labels.SequenceEqual(plain))
            ?? new LabelSchema("nnunet", [.. names.Values]);
        return profile with
        {
            Ignore = (byte?)ignore,
            Regions =
            [
                .. regions.Select(region => new NamedRegion(
                    region.Key,
                    [.. region.Value.Select(value => profile.Labels[value])]
                )),
            ],
        };
    }

    // Null where it is not a list of numbers.
    private static int[]? Values(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
        && value.EnumerateArray().All(item => item.TryGetInt32(out _))
            ? [.. value.EnumerateArray().Select(item => item.GetInt32())]
            : null;

    // Takes the value of the reserved name out of the others.
    private static int? Ignore(ManifestField labels, SortedDictionary<int, string> names)
    {
        if (names.Values.FirstOrDefault(LabelSchema.IsIgnoreName) is not { } name)
            return null;
        if (name != LabelSchema.IgnoreName)
            throw labels.Fault(
                $"\"{name}\" would be learned as a structure",
                $"Write \"{LabelSchema.IgnoreName}\" for unannotated voxels, or rename the structure"
            );
        var value = names.First(label => label.Value == name).Key;
        if (value != names.Keys.Last())
            throw labels.Fault(
                $"\"{name}\" has the value {value}, but \"{names.Values.Last()}\" has {names.Keys.Last()}",
                $"Give \"{name}\" the highest value, as nnU-Net requires"
            );
        names.Remove(value);
        return value;
    }
}
