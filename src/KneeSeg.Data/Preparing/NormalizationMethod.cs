namespace KneeSeg.Data;

/// <summary>How brightness is brought to one scale, which scanners don't have.</summary>
public enum NormalizationMethod
{
    /// <summary>Cut at two percentiles, then mean 0 and deviation 1.</summary>
    Percentiles,

    /// <summary>Mean 0 and deviation 1.</summary>
    ZScore,

    /// <summary>
    /// As the published knee tables were made: values above 0.01 become 0.01, which suits the challenge's tiny floats
    /// alone; the mean is taken before, the deviation after.
    /// </summary>
    Constant,
}
