namespace KneeSeg;

/// <summary>
/// A counter-based pseudo-random generator (Steele, Lea and Flood 2014): any number of a stream can be computed without
/// those before it.
/// </summary>
public struct SplitMix64(ulong state)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private const double Unit = 1.0 / (1UL << 53);

    private ulong state = state;

    /// <summary>A stream of its own for every tuple of counters.</summary>
    public static SplitMix64 At(params ReadOnlySpan<long> counters)
    {
        var key = 0UL;
        foreach (var counter in counters)
            key = Mix((key + unchecked((ulong)counter)) * Golden + Golden);
        return new SplitMix64(key);
    }

    /// <summary>The bijection that turns successive counters into unrelated bits.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The n-th pair of independent standard normal numbers under a key, in any order.</summary>
    public static (float First, float Second) GaussianPair(ulong key, ulong n)
    {
        var counter = unchecked(n * 2 + key);
        var radius = Math.Sqrt(-2 * Math.Log(((Mix(counter * Golden) >> 11) + 0.5) * Unit));
        var (sine, cosine) = Math.SinCos(
            2 * Math.PI * ((Mix((counter + 1) * Golden) >> 11) * Unit)
        );
        return ((float)(radius * cosine), (float)(radius * sine));
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(state += Golden);

    /// <summary>The next number of [0, 1).</summary>
    public double Uniform() => (Next() >> 11) * Unit;

    /// <summary>The next number of [low, high).</summary>
    public double Uniform(double low, double high) => low + (high - low) * Uniform();

    /// <summary>The next whole number of 0 to <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>The next standard normal number (Box and Muller, the cosine branch).</summary>
    public double Gaussian()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform()));
        return radius * Math.Cos(2 * Math.PI * Uniform());
    }
}
