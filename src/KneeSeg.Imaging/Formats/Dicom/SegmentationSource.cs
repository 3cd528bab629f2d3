namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>The DICOM series that a segmentation refers to, by UID.</summary>
/// <param name="Study">The StudyInstanceUID.</param>
/// <param name="Series">The SeriesInstanceUID.</param>
/// <param name="FrameOfReference">The FrameOfReferenceUID.</param>
/// <param name="Instances">The SOPInstanceUID of each file, in the order of the slices.</param>
public sealed record SegmentationSource(
    string Study,
    string Series,
    string FrameOfReference,
    IReadOnlyList<string> Instances
)
{
    /// <summary>The elements that a source must have.</summary>
    internal static IReadOnlyList<(uint Tag, string Name)> Identifiers { get; } =
    [
        (DicomTag.Class, "SOPClassUID"),
        (DicomTag.Instance, "SOPInstanceUID"),
        (DicomTag.Study, "StudyInstanceUID"),
        (DicomTag.Series, "SeriesInstanceUID"),
        (DicomTag.FrameOfReference, "FrameOfReferenceUID"),
    ];

    internal static SegmentationSource Of(DicomSeries series)
    {
        string Text(DicomFile file, uint tag) => file.Elements.Values.Text(tag)!;
        var first = series.Files[0];
        return new(
            Text(first, DicomTag.Study),
            first.Series,
            Text(first, DicomTag.FrameOfReference),
            [.. series.Files.Select(file => Text(file, DicomTag.Instance))]
        );
    }
}
