namespace KneeSeg.Data;

/// <summary>One kind of random change: how far it goes, and how often it happens.</summary>
/// <param name="Most">The strongest; what it is of, <see cref="Augmentation"/> says.</param>
/// <param name="Chance">The share of patches that are changed, 0 to 1.</param>
public readonly record struct Change(double Most, double Chance)
{
    /// <summary>Draws whether it happens, and how strong a uniform choice between its two extremes is.</summary>
    /// <returns>From −<see cref="Most"/> to <see cref="Most"/>; 0 where it does not happen.</returns>
    /// <remarks>Takes two numbers whether or not it happens, so that one kind does not change another's numbers.</remarks>
    internal double Either(ref SplitMix64 random)
    {
        var (chance, strength) = (random.Uniform(), random.Uniform(-1, 1));
        return chance < Chance ? Most * strength : 0;
    }

    /// <summary>The same from 0 to <see cref="Most"/>.</summary>
    internal double UpTo(ref SplitMix64 random) => Math.Abs(Either(ref random));
}
