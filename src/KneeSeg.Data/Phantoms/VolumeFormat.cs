namespace KneeSeg.Data.Phantoms;

/// <summary>The file format of phantoms.</summary>
public enum VolumeFormat
{
    /// <summary><c>.nii.gz</c>.</summary>
    Nifti,

    /// <summary><c>.mha</c>.</summary>
    MetaImage,

    /// <summary><c>.im</c> and <c>.seg</c> of the IWOAI challenge, which store no spacing.</summary>
    Iwoai,
}
