using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// A raw dataset of nnU-Net, versions 1 and 2: <c>imagesTr/ID_0000.nii.gz</c> beside <c>labelsTr/ID.nii.gz</c>, and
/// <c>imagesTs</c> for testing. It says neither subjects nor a validation split: subjects are told from names, and a
/// fifth of them validates. Nothing is known of mirroring (Isensee et al. 2021).
/// </summary>
internal static class NnunetFolder
{
    private const string Channel = "_0000";
    private const int Parts = 5;

    /// <summary>Whether a manifest is one of nnU-Net's.</summary>
    public static bool IsOne(ManifestField root) =>
        (root.Find("channel_names") ?? root.Find("modality")) is not null;

    /// <summary>Reads a manifest and lists the files beside it.</summary>
    /// <exception cref="ProblemException">It has several channels, labels that overlap, or no images (exit 3).</exception>
    public static Dataset Read(ManifestField root, string folder)
    {
        var channels = root.Find("channel_names") ?? root.Get("modality");
        if (channels.Value.EnumerateObject().Count() is var count and not 1)
            throw channels.Fault(
                $"its images have {count} channels",
                "Make a dataset of one channel; networks here see one image"
            );
        var ending = root.Find("file_ending")?.Text() ?? ".nii.gz";
        var train = Ids(Path.Combine(folder, "imagesTr"), ending);
        if (train.Length == 0)
            throw root.Fault(
                $"there is no image *{Channel}{ending} in imagesTr",
                "Put the images there, as nnU-Net wants them"
            );
        var parts = Subjects.Deal(train.Select(Subjects.Of), Parts, seed: 0);
        return new Dataset(
            folder,
            root.Find("name")?.Text() ?? Path.GetFileName(folder),
            Profile(root),
            MirrorRule.None,
            [
                .. train.Select(id =>
                    Case("Tr", id, parts[Subjects.Of(id)] == 0 ? Split.Validation : Split.Train)
                ),
                .. Ids(Path.Combine(folder, "imagesTs"), ending)
                    .Select(id => Case("Ts", id, Split.Test)),
            ]
        );

        DatasetCase Case(string set, string id, Split split)
        {
            var labels = Path.Combine(folder, $"labels{set}", id + ending);
            return new(
                id,
                Subjects.Of(id),
                KneeSide.Unknown,
                split,
                Path.Combine(folder, $"images{set}", id + Channel + ending),
                split == Split.Test && !File.Exists(labels) ? null : labels,
                null
            );
        }
    }

    private static string[] Ids(string folder, string ending) =>
        !Directory.Exists(folder)
            ? []
            :
            [
                .. Directory
                    .GetFiles(folder, $"*{Channel}{ending}")
                    .Select(CaseId.Of)
                    .Order(StringComparer.Ordinal),
            ];

    // Version 2 has names to values, version 1 values to names.
    private static LabelProfile Profile(ManifestField root)
    {
        var labels = root.Get("labels");
        SortedDictionary<int, string> names = [];
        foreach (var property in labels.Value.EnumerateObject())
        {
            var value = property.Value.ToString();
            if (int.TryParse(value, out var label))
                names[label] = property.Name;
            else if (int.TryParse(property.Name, out label))
                names[label] = value;
            else
                throw labels.Fault(
                    $"the label \"{property.Name}\" has the values {value}",
                    "Give each label one value; regions that overlap are not read"
                );
        }
        if (names.Count < 2 || !names.Keys.SequenceEqual(Enumerable.Range(0, names.Count)))
            throw labels.Fault(
                $"its values are {string.Join(", ", names.Keys)}",
                "Number the labels 0, 1, 2 and so on, beginning with the background"
            );
        string[] plain =
        [
            .. names.Values.Select(name =>
                name.Replace('_', ' ').Replace('-', ' ').ToLowerInvariant()
            ),
        ];
        return LabelProfile.Known.FirstOrDefault(known => known.Labels.SequenceEqual(plain))
            ?? new LabelProfile("nnunet", [.. names.Values]);
    }
}
