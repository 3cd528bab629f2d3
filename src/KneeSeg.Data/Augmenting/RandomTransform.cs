namespace KneeSeg.Data.Augmenting;

/// <summary>A random transform: its magnitude and probability.</summary>
/// <param name="Magnitude">The largest magnitude; <see cref="Augmentation"/> gives the unit.</param>
/// <param name="Probability">The fraction of patches that are transformed, 0 to 1.</param>
/// <param name="Distribution">The distribution of the magnitude.</param>
public readonly record struct RandomTransform(
    double Magnitude,
    double Probability,
    MagnitudeDistribution Distribution = MagnitudeDistribution.Uniform
)
{
    /// <summary>Draws a signed magnitude.</summary>
    /// <returns>0 if the transform is not applied.</returns>
    /// <remarks>Always consumes the same random numbers, so that one transform does not change another's.</remarks>
    internal double DrawSigned(ref SplitMix64 random)
    {
        var chance = random.Uniform();
        var magnitude =
            Distribution == MagnitudeDistribution.Uniform
                ? random.Uniform(-1, 1)
                : Math.Abs(random.Gaussian());
        return chance < Probability ? Magnitude * magnitude : 0;
    }

    /// <summary>Draws a magnitude without sign.</summary>
    internal double DrawUnsigned(ref SplitMix64 random) => Math.Abs(DrawSigned(ref random));
}
