namespace KneeSeg.Data;

/// <summary>One kind of random change: how far it goes, and how often it happens.</summary>
/// <param name="Magnitude">The strongest; what it is of, <see cref="Augmentation"/> says.</param>
/// <param name="Probability">The share of patches that are changed, 0 to 1.</param>
/// <param name="Distribution">How often it is how strong.</param>
public readonly record struct RandomTransform(
    double Magnitude,
    double Probability,
    MagnitudeDistribution Distribution = MagnitudeDistribution.Uniform
)
{
    /// <summary>Draws whether it happens and how strong it is, up or down.</summary>
    /// <returns>0 where it does not happen.</returns>
    /// <remarks>Takes as many numbers whether or not it happens, so that one kind does not change another's.</remarks>
    internal double Either(ref SplitMix64 random)
    {
        var chance = random.Uniform();
        var strength =
            Distribution == MagnitudeDistribution.Uniform
                ? random.Uniform(-1, 1)
                : Math.Abs(random.Gaussian());
        return chance < Probability ? Magnitude * strength : 0;
    }

    /// <summary>The same, up alone.</summary>
    internal double UpTo(ref SplitMix64 random) => Math.Abs(Either(ref random));
}
