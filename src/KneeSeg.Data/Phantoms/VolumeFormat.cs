namespace KneeSeg.Data;

/// <summary>In which files phantoms are written.</summary>
public enum VolumeFormat
{
    /// <summary><c>.nii.gz</c>.</summary>
    Nifti,
}
