using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// A raw dataset of nnU-Net, versions 1 and 2: <c>imagesTr/ID_0000.nii.gz</c> beside <c>labelsTr/ID.nii.gz</c>, and
/// <c>imagesTs</c> for testing. It says neither subjects nor a validation split: subjects are told from names, and a
/// fifth of them validates. Nothing is known of mirroring (Isensee et al. 2021).
/// </summary>
internal static class NnunetFolder
{
    private const string Background = "background";
    private const int Parts = 5;

    // What nnU-Net reads and this program does not, and where only the words would be taken.
    private static readonly (string Field, string What, string Fix)[] NotRead =
    [
        (
            "regions_class_order",
            "region-based training is not supported",
            "Give each label one value, and take the field out"
        ),
        (
            "dataset",
            "files that are listed are not read",
            "Put them into imagesTr and labelsTr, copied or linked, and take the field out"
        ),
    ];

    // Names of channels whose intensities nnU-Net normalizes otherwise than by mean and deviation.
    private static readonly string[] Normalized = ["CT", "noNorm", "rescale_to_0_1", "rgb_to_0_1"];

    /// <summary>Whether a manifest is one of nnU-Net's.</summary>
    public static bool IsOne(ManifestField root) =>
        (root.Find("channel_names") ?? root.Find("modality")) is not null;

    /// <summary>Reads a manifest and lists the files beside it.</summary>
    /// <exception cref="ProblemException">It has several channels, labels that overlap, or no images (exit 3).</exception>
    public static Dataset Read(ManifestField root, string folder)
    {
        foreach (var (name, what, fix) in NotRead)
            if (root.Find(name) is { } field)
                throw field.Fault(what, fix);
        var channels = root.Find("channel_names") ?? root.Get("modality");
        channels.RequireObject();
        string[] channel =
        [
            .. channels.Value.EnumerateObject().Select(one => one.Value.ToString()),
        ];
        if (channel.Length != 1)
            throw channels.Fault(
                $"its images have {channel.Length} channels: {string.Join(", ", channel)}",
                "Make a dataset of one channel; networks here see one image"
            );
        var ending = root.Find("file_ending")?.Text() ?? ".nii.gz";
        var train = Ids(Path.Combine(folder, "imagesTr"), ending);
        if (train.Length == 0)
            throw root.Fault(
                $"there is no image *{CaseId.Channel}{ending} in imagesTr",
                "Put the images there, as nnU-Net wants them"
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
                .. Ids(Path.Combine(folder, "imagesTs"), ending)
                    .Select(id => Case("Ts", id, Split.Test)),
            ]
        )
        {
            Doubts = Normalized.Contains(channel[0], StringComparer.OrdinalIgnoreCase)
                ? [OtherNormalization(channel[0])]
                : [],
        };

        DatasetCase Case(string set, string id, Split split)
        {
            var labels = Path.Combine(folder, $"labels{set}", id + ending);
            return new(
                id,
                Subjects.Of(id),
                KneeSide.Unknown,
                split,
                Path.Combine(folder, $"images{set}", id + CaseId.Channel + ending),
                split == Split.Test && !File.Exists(labels) ? null : labels,
                null
            );
        }
    }

    private static ValidationIssue OtherNormalization(string channel) =>
        new(
            IssueSeverity.Warning,
            "",
            $"nnU-Net normalizes a channel called \"{channel}\" in a way of its own; here the recipe decides",
            "Choose by --set intensity=, such as percentiles"
        );

    // Files that a system hides are not the user's.
    private static string[] Ids(string folder, string ending)
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
        if (
            Array.Find(names, name => !name.EndsWith(CaseId.Channel)) is { } other
            && names.Any(name => name.EndsWith(CaseId.Channel))
        )
            throw new ProblemException(
                ExitCode.Data,
                Path.Combine(folder, other + ending),
                $"it is not of channel {CaseId.Channel}, and only that one is read",
                $"Name an image ID{CaseId.Channel}{ending}; keep other channels elsewhere, since networks here see one image"
            );
        return
        [
            .. names
                .Where(name => name.EndsWith(CaseId.Channel))
                .Select(name => name[..^CaseId.Channel.Length]),
        ];
    }

    // Version 2 has names to values, version 1 values to names.
    private static LabelSchema Profile(ManifestField root)
    {
        var labels = root.Get("labels");
        labels.RequireObject();
        SortedDictionary<int, string> names = [];
        foreach (var property in labels.Value.EnumerateObject())
        {
            var value = property.Value.ToString();
            var (label, name) =
                int.TryParse(value, out var number) ? (number, property.Name)
                : int.TryParse(property.Name, out number) ? (number, value)
                : throw labels.Fault(
                    $"the label \"{property.Name}\" has the values {value}",
                    "Give each label one value; regions that overlap are not read"
                );
            if (!names.TryAdd(label, name))
                throw labels.Fault(
                    $"\"{names[label]}\" and \"{name}\" both have the value {label}",
                    "Give each label a value of its own"
                );
        }
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
                $"its values are {string.Join(", ", ignore is { } value ? names.Keys.Append(value) : names.Keys)}",
                $"Number the labels 0, 1, 2 and so on, beginning with the background and ending with ignore where there is one; at most {LabelSchema.MostClasses}"
            );
        string[] plain =
        [
            .. names.Values.Select(name =>
                name.Replace('_', ' ').Replace('-', ' ').ToLowerInvariant()
            ),
        ];
        var profile =
            LabelSchema.Known.FirstOrDefault(known => known.Labels.SequenceEqual(plain))
            ?? new LabelSchema("nnunet", [.. names.Values]);
        return profile with { Ignore = (byte?)ignore };
    }

    // Takes the value of the reserved name out of the others.
    private static int? Ignore(ManifestField labels, SortedDictionary<int, string> names)
    {
        if (names.Values.FirstOrDefault(LabelSchema.IsIgnoreName) is not { } name)
            return null;
        if (name != LabelSchema.IgnoreName)
            throw labels.Fault(
                $"\"{name}\" would be learned as a structure",
                $"Write \"{LabelSchema.IgnoreName}\" for voxels that are not annotated, or give the structure another name"
            );
        var value = names.First(label => label.Value == name).Key;
        if (value != names.Keys.Last())
            throw labels.Fault(
                $"\"{name}\" has the value {value}, but \"{names.Values.Last()}\" has {names.Keys.Last()}",
                $"Give \"{name}\" the highest value, as nnU-Net wants it"
            );
        names.Remove(value);
        return value;
    }
}
