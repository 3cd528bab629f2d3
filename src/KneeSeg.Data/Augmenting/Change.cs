namespace KneeSeg.Data;

/// <summary>One kind of random change: how far it goes, and how often it happens.</summary>
/// <param name="Most">The strongest; what it is of, <see cref="Augmentation"/> says.</param>
/// <param name="Chance">The share of patches that are changed, 0 to 1.</param>
/// <param name="Strength">How often it is how strong.</param>
public readonly record struct Change(
    double Most,
    double Chance,
    Strength Strength = Strength.Uniform
)
{
    /// <summary>Draws whether it happens and how strong it is, up or down.</summary>
    /// <returns>0 where it does not happen.</returns>
    /// <remarks>Takes as many numbers whether or not it happens, so that one kind does not change another's.</remarks>
    internal double Either(ref SplitMix64 random)
    {
        var chance = random.Uniform();
        var strength =
            Strength == Strength.Uniform ? random.Uniform(-1, 1) : Math.Abs(random.Gaussian());
        return chance < Chance ? Most * strength : 0;
    }

    /// <summary>The same, up alone.</summary>
    internal double UpTo(ref SplitMix64 random) => Math.Abs(Either(ref random));
}
