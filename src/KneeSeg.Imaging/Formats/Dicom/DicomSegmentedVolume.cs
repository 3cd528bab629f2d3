namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>
/// A DICOM Segmentation object with binary segments. Its frames may leave out slices; it then covers a part of its image.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="frames">Its frames.</param>
internal sealed class DicomSegmentedVolume(DicomFile file, IReadOnlyList<DicomImage> frames)
    : StoredVolume
{
    private const string Convert = "Save it as NIfTI, for example with 3D Slicer";

    /// <inheritdoc />
    public override IReadOnlyList<Segment> Segments { get; } =
    [
        .. file.Elements.Segments.Select(segment => new Segment(
            segment.Text(DicomTag.SegmentLabel) ?? "",
            (int)(segment.Binary(DicomTag.SegmentNumber) ?? 0),
            Layer: 0
        )),
    ];

    /// <summary>Opens a file and places its frames.</summary>
    /// <exception cref="ProblemException">Its segments are not binary, or its frames are not one stack (exit 3).</exception>
    public static DicomSegmentedVolume Open(DicomFile file)
    {
        var values = file.Elements.Values;
        if (values.Text(DicomTag.SegmentationType) is var type and not "BINARY")
            throw file.Bad(
                $"it is a DICOM segmentation of type {type ?? "unknown"}; only BINARY is supported",
                Convert
            );
        var frames = DicomImage.FramesOf(file);
        var needed = (frames.Count * frames[0].Size.Count + 7) / 8;
        if (file.Elements.PixelBytes is not { } bytes)
            throw file.Bad("its pixels are compressed or missing", DicomSyntax.Unpack);
        if (Math.Min(bytes, file.Elements.PixelBytesThere) is var there && there < needed)
            throw file.Bad(
                $"its pixels need {needed:N0} bytes, but it has {there:N0}",
                "Copy or export it again; the file is truncated"
            );
        return new(file, frames)
        {
            Path = file.Path,
            Format = "DICOM segmentation",
            Grid = DicomSeries.StackOf(frames) with { IsPart = true },
            DataType = "bool",
            Warnings = [],
        };
    }

    /// <inheritdoc />
    public override Volume<float> ReadImage()
    {
        Warnings.Add("its segments are read as an image");
        return new(Grid, Array.ConvertAll(ReadLabels().Voxels, label => (float)label));
    }

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(OverlapRule overlaps = OverlapRule.Lowest) =>
        ReadLabels(overlaps, names: null);

    /// <inheritdoc />
    public override Volume<byte> ReadLabels(OverlapRule overlaps, IReadOnlyList<string>? names)
    {
        var numbers = SegmentNumbers.Of(Path, Segments, layers: 1, names, Warnings);
        var labels = VoxelMemory.Allocate<byte>(Path, Grid.Size.Count);
        Array.Clear(labels);
        var bits = ReadBits();
        var (columns, rows) = (Grid.Size.X, Grid.Size.Y);
        var toIndex = Grid.Affine.Inverse();
        var (at, overlapping) = (0L, 0L);
        foreach (var frame in frames)
        {
            var slice = (int)Math.Round(toIndex.Apply(frame.Position).Z);
            var number = SegmentOf(frame);
            for (var row = rows - 1; row >= 0; row--)
            for (var column = 0; column < columns; column++, at++)
            {
                if ((bits[at >> 3] >> (int)(at & 7) & 1) == 0)
                    continue;
                var voxel = column + columns * (row + rows * slice);
                var label = numbers[0, number];
                if (labels[voxel] == 0)
                    labels[voxel] = label;
                else if (labels[voxel] != label)
                    overlapping++;
            }
        }
        numbers.Check();
        OverlappingChannels.Report(Path, overlapping, overlaps, "segment", Warnings);
        return new(Grid, labels);
    }

    /// <inheritdoc />
    public override void Dispose() { }

    private byte[] ReadBits()
    {
        var bytes = new byte[(frames.Count * frames[0].Size.Count + 7) / 8];
        using var stream = InputFile.Open(Path);
        stream.Position = file.Elements.PixelStart;
        InputFile.ReadUpTo(Path, stream, bytes);
        return bytes;
    }

    private byte SegmentOf(DicomImage frame) =>
        frame.Values.Binary(DicomTag.SegmentReference) is >= 1 and <= 255 and var number
            ? (byte)number
            : throw file.Bad(
                $"its frame {frame.Frame + 1} refers to no segment from 1 to 255",
                Convert
            );
}
