namespace KneeSeg.Imaging.Formats;

/// <summary>Named segments in one or several layers that may overlap, as 3D Slicer writes them.</summary>
/// <param name="values">The stored numbers, of all layers.</param>
/// <param name="segments">The named segments.</param>
/// <param name="layers">How many volumes there are.</param>
/// <param name="layersFirst">Whether a voxel's layers follow each other in the file, or whole layers do.</param>
internal sealed class SegmentedVolume(
    RawVolume values,
    IReadOnlyList<Segment> segments,
    int layers,
    bool layersFirst
) : StoredVolume
{
    /// <inheritdoc />
    public override IReadOnlyList<Segment> Segments => segments;

    /// <inheritdoc />
    public override Volume<float> ReadImage()
    {
        Warnings.Add("its segments are read as an image");
        var labels = ReadLabels();
        return new(labels.Grid, Array.ConvertAll(labels.Voxels, label => (float)label));
    }

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(OverlapRule overlaps = OverlapRule.Lowest) =>
        ReadLabels(overlaps, names: null);

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(OverlapRule overlaps, IReadOnlyList<string>? names)
    {
        var numbers = SegmentNumbers.Of(Path, segments, layers, names, Warnings);
        var labels = VoxelMemory.Allocate<byte>(Path, Grid.Size.Count);
        Array.Clear(labels);
        var overlapping = 0L;
        values.ReadLabelBlocks(
            (at, block) =>
            {
                for (var i = 0; i < block.Length; i++)
                {
                    var (voxel, layer) = layersFirst
                        ? ((at + i) / layers, (at + i) % layers)
                        : ((at + i) % labels.Length, (at + i) / labels.Length);
                    var label = block[i] == 0 ? (byte)0 : numbers[(int)layer, block[i]];
                    if (label == 0 || label == labels[voxel])
                        continue;
                    if (labels[voxel] == 0)
                        labels[voxel] = label;
                    else
                        overlapping++;
                }
            }
        );
        numbers.Check();
        OverlappingChannels.Report(Path, overlapping, overlaps, "layer", Warnings);
        return new(Grid, labels);
    }

    /// <inheritdoc />
    public override void Dispose() => values.Dispose();
}

/// <summary>
/// Maps the segments of a file to labels. 3D Slicer numbers segments in the order they were drawn, so names take
/// precedence over values: if any name is a label's, all must be; if none is, values are used with a warning.
/// </summary>
internal sealed class SegmentNumbers
{
    private readonly string path;
    private readonly IReadOnlyList<Segment> segments;

    // By layer, then stored value; null for values without a known segment.
    private readonly byte?[][] labels;
    private readonly long[][] unknown;

    private SegmentNumbers(string path, IReadOnlyList<Segment> segments, int layers)
    {
        (this.path, this.segments) = (path, segments);
        labels = [.. Enumerable.Range(0, layers).Select(_ => new byte?[256])];
        unknown = [.. Enumerable.Range(0, layers).Select(_ => new long[256])];
        foreach (var layer in labels)
            layer[0] = 0;
    }

    /// <summary>Builds the mapping.</summary>
    /// <param name="path">Named in errors.</param>
    /// <param name="segments">The file's.</param>
    /// <param name="layers">How many volumes it has.</param>
    /// <param name="names">The names by label; null if unknown.</param>
    /// <param name="warnings">Receives warnings.</param>
    /// <exception cref="ProblemException">Segments in several layers share a value, and names don't help (exit 3).</exception>
    public static SegmentNumbers Of(
        string path,
        IReadOnlyList<Segment> segments,
        int layers,
        IReadOnlyList<string>? names,
        List<string> warnings
    )
    {
        var numbers = new SegmentNumbers(path, segments, layers);
        int Named(Segment segment) =>
            names?.ToList().FindIndex(name => Plain(name) == Plain(segment.Name)) ?? -1;
        if (segments.Any(segment => Named(segment) >= 0))
            numbers.MapByName(Named, warnings);
        else
            numbers.MapByValue(names, warnings);
        return numbers;
    }

    /// <summary>The label of a stored value; 0 for one that <see cref="Check" /> will refuse.</summary>
    public byte this[int layer, byte value]
    {
        get
        {
            if (labels[layer][value] is { } label)
                return label;
            unknown[layer][value]++;
            return 0;
        }
    }

    /// <summary>Reports unknown segments once all voxels are read.</summary>
    /// <exception cref="ProblemException">Voxels belong to no known segment (exit 3).</exception>
    public void Check()
    {
        for (var layer = 0; layer < unknown.Length; layer++)
        for (var value = 1; value < 256; value++)
            if (unknown[layer][value] is > 0 and var count)
                throw new ProblemException(
                    ExitCode.Data,
                    path,
                    segments.FirstOrDefault(one => one.Value == value && one.Layer == layer)
                        is { } segment
                        ? $"its segment \"{segment.Name}\" of {count:N0} voxels is not a label of the profile, although others are"
                        : $"{count:N0} voxels have the value {value}, which belongs to no segment",
                    "Rename every segment to a label of the profile, or remove it in 3D Slicer"
                );
    }

    private void MapByName(Func<Segment, int> named, List<string> warnings)
    {
        List<string> changed = [];
        foreach (var segment in segments.Where(IsValid))
        {
            if (named(segment) is not (>= 0 and var label))
                continue;
            labels[segment.Layer][segment.Value] = (byte)label;
            if (label != segment.Value)
                changed.Add($"{segment.Name} becomes {label} instead of {segment.Value}");
        }
        if (changed.Count > 0)
            warnings.Add(
                $"its segments are mapped to labels by name: {string.Join(", ", changed)}"
            );
    }

    private void MapByValue(IReadOnlyList<string>? names, List<string> warnings)
    {
        var shared = segments
            .GroupBy(segment => segment.Value)
            .FirstOrDefault(same => same.Select(one => one.Layer).Distinct().Count() > 1);
        if (shared is not null && names is not null)
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"its segments {string.Join(" and ", shared.Select(one => $"\"{one.Name}\""))} all have the value {shared.Key}, in different layers",
                "Rename the segments in 3D Slicer to the profile's labels"
            );
        for (var layer = 0; layer < labels.Length; layer++)
        for (var value = 1; value < 256; value++)
            labels[layer][value] = (byte)value;
        if (shared is not null)
        {
            foreach (var (i, segment) in segments.Index().Where(one => IsValid(one.Item)))
                labels[segment.Layer][segment.Value] = (byte)Math.Min(i + 1, 255);
            warnings.Add("its segments share values; numbering them from 1 in order");
        }
        string[] other =
        [
            .. segments
                .Where(segment => segment.Value < names?.Count)
                .Select(segment =>
                    $"{segment.Value} is \"{segment.Name}\" but {names![segment.Value]} in the profile"
                ),
        ];
        if (other.Length > 0)
            warnings.Add(
                $"the names of its segments do not match the profile: {string.Join("; ", other)}; using the values"
            );
    }

    private bool IsValid(Segment segment) =>
        segment.Value is > 0 and < 256 && segment.Layer >= 0 && segment.Layer < labels.Length;

    private static string Plain(string name) =>
        name.Trim().Replace('_', ' ').Replace('-', ' ').ToLowerInvariant();
}
