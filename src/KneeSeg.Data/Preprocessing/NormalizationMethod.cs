namespace KneeSeg.Data.Preprocessing;

/// <summary>How intensities are normalized.</summary>
public enum NormalizationMethod
{
    /// <summary>Clip to two percentiles, then z-score.</summary>
    Percentiles,

    /// <summary>Z-score: mean 0 and standard deviation 1.</summary>
    ZScore,

    /// <summary>
    /// As in the published knee tables: values are clipped at 0.01, which suits only the challenge's tiny floats; the mean is
    /// taken before, the standard deviation after clipping.
    /// </summary>
    Constant,
}
