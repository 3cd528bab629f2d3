namespace KneeSeg.Data.Phantoms;

/// <summary>A horseshoe on a plateau, in shares of the plateau's own ellipse.</summary>
/// <param name="Inner">Where its thin edge is.</param>
/// <param name="Outer">Where its rim is.</param>
/// <param name="Rise">How much higher the rim is than the thin edge, mm.</param>
internal readonly record struct Meniscus(float Inner, float Outer, float Rise)
{
    public static Meniscus Draw(ref SplitMix64 random) =>
        new(
            (float)random.Uniform(.50, .62),
            (float)random.Uniform(1.00, 1.10),
            (float)random.Uniform(4.2, 6.0)
        );
}
