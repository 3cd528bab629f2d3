namespace KneeSeg.Imaging;

/// <summary>
/// The qform and sform of a NIfTI header, exactly as stored. A file written on the same grid repeats them, so that every
/// program aligns it with the image, whichever form and units it uses.
/// </summary>
/// <param name="Affine">The affine read from the header, in RAS+ mm.</param>
/// <param name="QformCode">The header's <c>qform_code</c>.</param>
/// <param name="SformCode">The header's <c>sform_code</c>.</param>
/// <param name="Units">The header's <c>xyzt_units</c>.</param>
/// <param name="Handedness"><c>pixdim</c> 0.</param>
/// <param name="PixelSizes"><c>pixdim</c> 1 to 3, in the header's unit.</param>
/// <param name="Quaternion"><c>quatern_b</c>, <c>c</c> and <c>d</c>.</param>
/// <param name="Qform">The matrix of the qform, in the header's unit.</param>
/// <param name="Sform">The matrix of the sform, in the header's unit.</param>
internal sealed record NiftiForms(
    Affine Affine,
    int QformCode,
    int SformCode,
    byte Units,
    double Handedness,
    Point3 PixelSizes,
    Point3 Quaternion,
    Affine Qform,
    Affine Sform
)
{
    /// <summary>The forms of these voxels, or of a part of them whose first voxel is another.</summary>
    /// <param name="affine">The part's affine.</param>
    /// <returns>Null if the axes differ, or if only pixel sizes are known.</returns>
    public NiftiForms? At(Affine affine)
    {
        if (affine == Affine)
            return this;
        if (QformCode <= 0 && SformCode <= 0 || affine.WithOrigin(Affine.Origin) != Affine)
            return null;
        var first = Affine.Inverse().Apply(affine.Origin);
        return this with
        {
            Affine = affine,
            Qform = Qform.WithOrigin(Qform.Apply(first)),
            Sform = Sform.WithOrigin(Sform.Apply(first)),
        };
    }
}
