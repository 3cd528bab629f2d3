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
        Overlap.Report(Path, overlapping, overlaps, "layer", Warnings);
        return new(Grid, labels);
    }

    /// <inheritdoc />
    public override void Dispose() => values.Dispose();
}
