namespace KneeSeg.Data.Augmenting;

/// <summary>The distribution of a random transform's magnitude.</summary>
public enum MagnitudeDistribution
{
    /// <summary>Uniform in ± the magnitude.</summary>
    Uniform,

    /// <summary>Half-normal with the magnitude as scale: positive only, rarely large.</summary>
    HalfNormal,
}
