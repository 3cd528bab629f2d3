namespace KneeSeg.Rendering;

/// <summary>The plane of a slice, seen as radiologists do.</summary>
public enum Plane
{
    /// <summary>From the side: superior on top, anterior on the left.</summary>
    Sagittal,

    /// <summary>From the front: superior on top, the patient's right on the left.</summary>
    Coronal,

    /// <summary>From the feet: anterior on top, the patient's right on the left.</summary>
    Axial,
}
