namespace KneeSeg.Data.Preprocessing;

/// <summary>How images are resampled.</summary>
public enum Interpolation
{
    /// <summary>Trilinear.</summary>
    Linear,

    /// <summary>By cubic B-splines: sharper, and slower.</summary>
    Cubic,
}
