namespace KneeSeg.Imaging.Formats;

/// <summary>Reads IWOAI's <c>.im</c> and <c>.seg</c>; see <see cref="IwoaiFile" />.</summary>
internal sealed class IwoaiReader : StoredVolume
{
    private const int MostChannels = 255;

    // The challenge's own scans (OAI's sagittal DESS); other sizes have been resampled.
    private static readonly ModelSpacing ScannerSpacing = new(0.7, 0.365, 0.365);
    private static readonly Size3 ScannerSize = new(384, 384, 160);

    private readonly Hdf5Data data;
    private readonly int channels;

    private IwoaiReader(Hdf5Data data, int channels) =>
        (this.data, this.channels) = (data, channels);

    /// <summary>Opens a file and checks its shape and type.</summary>
    /// <exception cref="ProblemException">It can't be read (exit 3).</exception>
    public static IwoaiReader Open(string path, ModelSpacing? spacing)
    {
        var data = Hdf5Data.Open(path);
        try
        {
            var (size, channels) = ReadShape(path, data.Sizes);
            var taken = spacing ?? ScannerSpacing;
            var known = spacing is not null || size == ScannerSize;
            var grid = Grid.Centered(
                size,
                new(taken.Height, taken.Width, taken.Depth),
                IwoaiFile.AxisCodes
            );
            return new(data, channels)
            {
                Path = path,
                Format = "IWOAI HDF5",
                Grid = grid,
                DataType = data.Type.Name,
                Warnings =
                    spacing is not null ? []
                    : known ? ["the format stores no spacing; assuming 0.7×0.365×0.365 mm"]
                    : ["unknown spacing; training and prediction require it"],
                IsSpacingKnown = known,
            };
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public override Volume<float> ReadImage()
    {
        if (channels == 1)
            return LastAxisFastest.Turned(Grid, data.ReadAll());
        Warnings.Add($"its {channels} channels are read as labels 1 to {channels}");
        var labels = ReadLabels();
        return new(labels.Grid, Array.ConvertAll(labels.Voxels, label => (float)label));
    }

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(OverlapRule overlaps = OverlapRule.Lowest)
    {
        var values = data.ReadAll();
        var labels = VoxelMemory.Allocate<byte>(Path, Grid.Size.Count);
        if (channels == 1)
        {
            var reading = new LabelReading(Path);
            reading.Take(values, labels);
            reading.Check();
        }
        else
            MergeChannels(values, labels, overlaps);
        return LastAxisFastest.Turned(Grid, labels);
    }

    /// <inheritdoc />
    public override void CheckSpacing()
    {
        var size = Grid.Size;
        if (!IsSpacingKnown)
            throw new ProblemException(
                ExitCode.Data,
                Path,
                $"its spacing is unknown: the format stores none, and {size.Z}×{size.X}×{size.Y} is not the 160×384×384 of the challenge's scans",
                "Add a dataset.json beside the files with \"spacing\": [depth, height, width] in mm for each case"
            );
    }

    /// <inheritdoc />
    public override void Dispose() => data.Dispose();

    private void MergeChannels(ReadOnlySpan<float> values, Span<byte> labels, OverlapRule policy)
    {
        var overlaps = 0L;
        for (var i = 0; i < labels.Length; i++)
        {
            var voxel = values.Slice(i * channels, channels);
            var first = voxel.IndexOfAnyExcept(0f);
            labels[i] = (byte)(first + 1);
            if (first < 0)
                continue;
            var overlapping = voxel[(first + 1)..].ContainsAnyExcept(0f);
            overlaps += overlapping ? 1 : 0;
            if (voxel.IndexOfAnyExcept(0f, 1f) is var wrong and >= 0)
                throw new ProblemException(
                    ExitCode.Data,
                    Path,
                    FormattableString.Invariant(
                        $"channel {wrong + 1} contains {voxel[wrong]}; label channels must contain only 0 and 1"
                    ),
                    "Threshold the channels before export"
                );
        }
        OverlappingChannels.Report(Path, overlaps, policy, "channel", Warnings);
    }

    private static (Size3 Size, int Channels) ReadShape(string path, ulong[] sizes)
    {
        if (
            sizes.Length is not (3 or 4)
            || sizes.Contains(0UL)
            || sizes.Length == 4 && sizes[3] > MostChannels
        )
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"its dataset has the shape ({string.Join(", ", sizes)})",
                "Use (H, W, D) for an image or a label map, (H, W, D, structures) for labels"
            );
        VoxelMemory.CheckCount(
            path,
            Array.ConvertAll(sizes, size => (long)Math.Min(size, long.MaxValue))
        );
        return (
            new((int)sizes[0], (int)sizes[1], (int)sizes[2]),
            sizes.Length == 4 ? (int)sizes[3] : 1
        );
    }
}
