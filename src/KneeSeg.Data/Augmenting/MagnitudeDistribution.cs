namespace KneeSeg.Data;

/// <summary>How often a change is how strong.</summary>
public enum MagnitudeDistribution
{
    /// <summary>All strengths up to the most are equally likely, in both directions.</summary>
    Uniform,

    /// <summary>A normal law's numbers without their sign, with the most as deviation: upwards alone, rarely far.</summary>
    HalfNormal,
}
