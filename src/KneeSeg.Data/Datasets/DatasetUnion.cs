using KneeSeg.Imaging;

namespace KneeSeg.Data.Datasets;

/// <summary>
/// Several datasets as one. Structures are matched by name, and their union is its label map: the first dataset's, then new
/// ones. Each case keeps the <see cref="LabelSource" /> that its files are numbered by.
/// </summary>
internal static class DatasetUnion
{
    /// <summary>Unites datasets; one without regions among its labels stays as it is.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="name">Its name.</param>
    /// <param name="parts">The datasets; the regions of each hold for all.</param>
    /// <exception cref="ProblemException">Their labels contradict each other (exit 3).</exception>
    public static Dataset Of(string folder, string name, IReadOnlyList<Dataset> parts)
    {
        CheckChannels(folder, parts);
        var regions = Regions(folder, parts);
        if (
            parts is [{ Renamed: null } only]
            && !Names(only).Any(label => Find(regions, label) is not null)
        )
            return only;
        string[] labels =
        [
            parts[0].Profile.Labels[0],
            .. parts
                .SelectMany(part => Names(part).Skip(1))
                .SelectMany(label => Structures(regions, label))
                .DistinctBy(LabelSchema.Plain),
        ];
        if (labels.Length > LabelSchema.MostClasses)
            throw new ProblemException(
                ExitCode.Data,
                folder,
                $"its sources have {labels.Length - 1} structures together",
                $"Use sources with at most {LabelSchema.MostClasses - 1}, and call equal structures alike with \"rename\""
            );
        LabelSource[] sources =
        [
            .. parts.Zip(SourceNames(parts), (part, own) => Source(part, own, labels, regions)),
        ];
        CheckDistinguished(folder, labels, sources);
        return new Dataset(
            folder,
            name,
            Profile(labels, parts) with
            {
                Regions = regions,
            },
            FlipUnion.Of(folder, parts, sources, labels),
            [
                .. parts
                    .Zip(sources)
                    .SelectMany(pair =>
                        pair.First.Cases.Select(one =>
                            Ordered(one, pair.First.Channels, parts[0].Channels) with
                            {
                                Source = pair.Second,
                            }
                        )
                    ),
            ]
        )
        {
            Channels = parts[0].Channels,
            Sources = sources,
            Parts = parts,
            Warnings = [.. parts.SelectMany(part => part.Warnings)],
        };
    }

    private static void CheckChannels(string folder, IReadOnlyList<Dataset> parts)
    {
        string Listed(Dataset part) =>
            $"{part.Name} has {(part.Channels is [] ? "one without a name" : string.Join(", ", part.Channels))}";
        if (parts.Any(part => !part.Channels.Order().SequenceEqual(parts[0].Channels.Order())))
            throw new ProblemException(
                ExitCode.Data,
                folder,
                $"its sources have different channels: {string.Join("; ", parts.Select(Listed))}",
                "Give all sources the same \"channels\""
            );
    }

    // With its images in the order of the first source's channels.
    private static DatasetCase Ordered(
        DatasetCase one,
        IReadOnlyList<string> own,
        IReadOnlyList<string> channels
    )
    {
        if (own.SequenceEqual(channels))
            return one;
        var images = ChannelImages.InOrder(one.Images, own, channels);
        return one with { Image = images[0], OtherImages = images[1..] };
    }

    // A region holds for all sources, so that one name has one meaning.
    private static NamedRegion[] Regions(string folder, IReadOnlyList<Dataset> parts)
    {
        var regions = parts.SelectMany(part => part.Profile.Regions).ToArray();
        foreach (var same in regions.GroupBy(region => LabelSchema.Plain(region.Name)))
        {
            if (same.DistinctBy(Meaning).Count() > 1)
                throw new ProblemException(
                    ExitCode.Data,
                    folder,
                    $"its sources have two meanings of the region \"{same.First().Name}\": {string.Join("; ", same.DistinctBy(Meaning).Select(one => string.Join(", ", one.Structures)))}",
                    "Give one of them another name, with \"rename\" where it is a label"
                );
            if (
                same.First().Structures.FirstOrDefault(one => Find(regions, one) is not null) is
                { } inner
            )
                throw new ProblemException(
                    ExitCode.Data,
                    folder,
                    $"the region \"{same.First().Name}\" contains \"{inner}\", which is a region too",
                    $"List the structures of \"{inner}\" instead"
                );
        }
        return [.. regions.DistinctBy(region => LabelSchema.Plain(region.Name))];

        static string Meaning(NamedRegion region) =>
            string.Join('\n', region.Structures.Select(LabelSchema.Plain).Order());
    }

    private static IReadOnlyList<string> Names(Dataset part) => part.Renamed ?? part.Profile.Labels;

    private static NamedRegion? Find(IEnumerable<NamedRegion> regions, string name) =>
        regions.FirstOrDefault(one => LabelSchema.Plain(one.Name) == LabelSchema.Plain(name));

    private static IReadOnlyList<string> Structures(NamedRegion[] regions, string label) =>
        Find(regions, label)?.Structures ?? [label];

    private static LabelSource Source(
        Dataset part,
        string name,
        string[] labels,
        NamedRegion[] regions
    )
    {
        var own = Names(part);
        int[][] structures =
        [
            .. own.Skip(1)
                .Select(label =>
                    Structures(regions, label)
                        .Select(one => Array.FindIndex(labels, 1, Is(one)))
                        .Order()
                        .ToArray()
                ),
        ];
        var twice = structures
            .Index()
            .SelectMany(one => one.Item.Select(label => (Value: one.Index + 1, Label: label)))
            .GroupBy(one => one.Label, one => one.Value)
            .Where(same => same.Count() > 1)
            .ToArray();
        if (twice is not [])
            throw new ProblemException(
                ExitCode.Data,
                part.Folder,
                string.Join(
                    "; ",
                    twice.Select(same =>
                        $"the labels {string.Join(" and ", same.Select(value => $"{value} \"{own[value]}\""))} both mean \"{labels[same.Key]}\""
                    )
                ),
                "Give each structure one label, with \"rename\" or \"regions\""
            );
        return LabelSource.Of(name, part.Profile.Labels, structures, labels.Length) with
        {
            Ignore = part.Profile.Ignore,
        };
    }

    private static Predicate<string> Is(string name) =>
        label => LabelSchema.Plain(label) == LabelSchema.Plain(name);

    // Which of two structures a voxel belongs to can't be learned if all sources have them under one value.
    private static void CheckDistinguished(string folder, string[] labels, LabelSource[] sources)
    {
        LabelGroups[] groups = [.. sources.Select(source => source.Groups)];
        string[] merged =
        [
            .. from first in Enumerable.Range(0, labels.Length)
            from second in Enumerable.Range(first + 1, labels.Length - first - 1)
            where groups.All(one => one.Of(first) == one.Of(second))
            select $"\"{labels[first]}\" from \"{labels[second]}\"",
        ];
        if (merged is not [])
            throw new ProblemException(
                ExitCode.Data,
                folder,
                $"no source tells {string.Join(", ", merged)}",
                "Add a source that labels them apart, or remove the region so that it is one structure"
            );
    }

    private static LabelSchema Profile(string[] labels, IReadOnlyList<Dataset> parts) =>
        LabelSchema
            .Known.Concat(parts.Select(part => part.Profile))
            .FirstOrDefault(known => known.Labels.SequenceEqual(labels))
            is { } same
            ? same with
            {
                Ignore = null,
            }
            : new(string.Join('+', parts.Select(part => part.Profile.Name).Distinct()), labels);

    // Their names; where two are equal, their folders', and then numbers.
    private static string[] SourceNames(IReadOnlyList<Dataset> parts)
    {
        string[] names = [.. parts.Select(part => part.Name)];
        if (names.Distinct().Count() < names.Length)
            names = [.. parts.Select(part => Path.GetFileName(part.Folder))];
        return
        [
            .. names.Select(
                (name, i) => names.Count(one => one == name) > 1 ? $"{name} {i + 1}" : name
            ),
        ];
    }
}

/// <summary>The flip augmentation of several datasets: along axes that all allow, with the swaps of all.</summary>
internal static class FlipUnion
{
    /// <exception cref="ProblemException">One swaps structures that another labels otherwise (exit 3).</exception>
    public static FlipAugmentation Of(
        string folder,
        IReadOnlyList<Dataset> parts,
        LabelSource[] sources,
        string[] labels
    )
    {
        ModelAxis[] axes =
        [
            .. parts[0]
                .Mirror.Axes.Where(axis => parts.All(part => part.Mirror.Axes.Contains(axis))),
        ];
        if (!axes.Contains(ModelAxis.Depth))
            return new(axes, []);
        SwappedLabels[] swaps =
        [
            .. parts.Zip(sources).SelectMany(pair => Swaps(pair.First, pair.Second)).Distinct(),
        ];
        foreach (var (part, source) in parts.Zip(sources))
        foreach (var (first, second) in swaps)
            if (!Allows(part, source, swaps, first, second))
                throw new ProblemException(
                    ExitCode.Data,
                    folder,
                    $"\"{labels[first]}\" and \"{labels[second]}\" swap where a source is mirrored, but {source.Name} swaps others or labels one of them alone",
                    "Declare the same \"mirror\" in all sources, or none along the depth"
                );
        return new(axes, swaps);
    }

    // Once mirrored, the source's labels must mean the same as before; what it labels it must swap itself.
    private static bool Allows(
        Dataset part,
        LabelSource source,
        SwappedLabels[] swaps,
        byte first,
        byte second
    )
    {
        int Swapped(int label) =>
            swaps.FirstOrDefault(one => one.First == label || one.Second == label) is var pair
            && pair.First == pair.Second
                ? label
                : pair.First + pair.Second - label;
        var groups = source.Groups;
        return swaps.Count(one => one.First == first || one.Second == first) == 1
            && swaps.Count(one => one.First == second || one.Second == second) == 1
            && new LabelGroups(groups.Select(one => (int[])[.. one.Select(Swapped)])).Equals(groups)
            && (!groups.Distinguish(first) || Swaps(part, source).Contains(new(first, second)));
    }

    // A value of several structures has no single partner, but theirs follow from the other sources.
    private static IEnumerable<SwappedLabels> Swaps(Dataset part, LabelSource source) =>
        from own in part.Mirror.Swap
        let pair = source.Classes[own.First].Concat(source.Classes[own.Second]).Order().ToArray()
        where pair.Length == 2
        select new SwappedLabels((byte)pair[0], (byte)pair[1]);
}
