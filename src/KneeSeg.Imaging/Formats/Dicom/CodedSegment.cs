namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>A concept of a terminology, as DICOM codes it.</summary>
/// <param name="Code">Such as <c>71341001</c>.</param>
/// <param name="Scheme">The terminology: <c>SCT</c> for SNOMED CT, <c>DCM</c> for DICOM's own.</param>
/// <param name="Meaning">In words.</param>
public sealed record CodedConcept(string Code, string Scheme, string Meaning)
{
    /// <summary>A concept of SNOMED CT.</summary>
    public static CodedConcept Snomed(string code, string meaning) => new(code, "SCT", meaning);
}

/// <summary>A structure as a segment of a DICOM segmentation.</summary>
/// <param name="Number">Its label, from 1.</param>
/// <param name="Name">Its name in the label map.</param>
/// <param name="Color">The recommended color.</param>
/// <param name="Category">What kind of thing it is, such as tissue.</param>
/// <param name="Type">What it is, such as cartilage.</param>
public sealed record CodedSegment(
    int Number,
    string Name,
    Rgb Color,
    CodedConcept Category,
    CodedConcept Type
)
{
    /// <summary>Where it is, such as on the tibia; null where the type says so itself.</summary>
    public CodedConcept? Region { get; init; }

    /// <summary>Which part of the region: medial or lateral; null for all of it.</summary>
    public CodedConcept? RegionModifier { get; init; }

    /// <summary>The side of the body: left or right; null where it is not known.</summary>
    public CodedConcept? Side { get; init; }
}
