using System.Text.Json;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Formats.Dicom;

namespace KneeSeg.Inference.Files;

/// <summary>The JSON beside a DICOM segmentation: what is in it, for programs that do not read DICOM.</summary>
/// <param name="Format">The version of these fields.</param>
/// <param name="File">The segmentation.</param>
/// <param name="SopInstanceUid">Its identifier.</param>
/// <param name="SeriesInstanceUid">Of the series that it forms.</param>
/// <param name="Source">The series that it refers to.</param>
/// <param name="Algorithm">The name and version of what made it, with its network and weights.</param>
/// <param name="Prediction">How it was predicted.</param>
/// <param name="Segments">The structures.</param>
/// <param name="Warnings">Warnings about the image or its labels, one sentence each.</param>
internal sealed record SegmentationReport(
    int Format,
    string File,
    string SopInstanceUid,
    string SeriesInstanceUid,
    SegmentationSource Source,
    SegmentationAlgorithm Algorithm,
    PredictionSource Prediction,
    IReadOnlyList<SegmentReport> Segments,
    IReadOnlyList<string> Warnings
)
{
    /// <summary>Writes it.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Write(string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(this, JsonStyle.Indented));
}

/// <summary>A structure of a segmentation.</summary>
/// <param name="Number">Its segment and label.</param>
/// <param name="Name">Its name.</param>
/// <param name="Category">What kind of thing it is.</param>
/// <param name="Type">What it is.</param>
/// <param name="Side">The side of the body; null where it is not known.</param>
/// <param name="Region">Where it is; null where the type says so itself.</param>
/// <param name="RegionModifier">Which part of the region; null for all of it.</param>
/// <param name="Color">The recommended color, #rrggbb.</param>
/// <param name="Voxels">How many voxels it has.</param>
/// <param name="VolumeMl">Its volume in ml.</param>
internal sealed record SegmentReport(
    int Number,
    string Name,
    CodedConcept Category,
    CodedConcept Type,
    CodedConcept? Side,
    CodedConcept? Region,
    CodedConcept? RegionModifier,
    string Color,
    long Voxels,
    double VolumeMl
)
{
    private const double CubicMillimeters = 1000;

    /// <summary>A structure and its size.</summary>
    public static SegmentReport Of(CodedSegment segment, Volume<byte> labels)
    {
        var voxels = labels.Voxels.AsSpan().Count((byte)segment.Number);
        var each = Math.Abs(labels.Grid.Affine.Determinant);
        return new(
            segment.Number,
            segment.Name,
            segment.Category,
            segment.Type,
            segment.Side,
            segment.Region,
            segment.RegionModifier,
            $"{segment.Color}",
            voxels,
            Math.Round(voxels * each / CubicMillimeters, 4)
        );
    }
}
