namespace KneeSeg.Data;

/// <summary>In which files phantoms are written.</summary>
public enum VolumeFormat
{
    /// <summary><c>.nii.gz</c>.</summary>
    Nifti,

    /// <summary><c>.mha</c>.</summary>
    MetaImage,

    /// <summary><c>.im</c> and <c>.seg</c> of the IWOAI challenge, which know no spacing.</summary>
    Iwoai,
}
