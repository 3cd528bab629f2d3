namespace KneeSeg.Data;

/// <summary>
/// Random changes of a patch's brightness, which leave labels alone; each is 0 where it never happens.
/// </summary>
/// <param name="Shift">Deviation of what is added, in deviations of the image.</param>
/// <param name="Contrast">The image is scaled by 1 ± up to this.</param>
/// <param name="Gamma">Darks and lights are bent by an exponent of 1 ± up to this.</param>
/// <param name="Noise">Most deviation of added noise, in deviations of the image.</param>
public sealed record BrightnessChange(
    double Shift = .1,
    double Contrast = .15,
    double Gamma = .2,
    double Noise = .1
)
{
    /// <summary>Nothing changes.</summary>
    public static BrightnessChange None { get; } = new(0, 0, 0, 0);

    /// <summary>Changes a patch.</summary>
    internal void Apply(Span<float> image, ref SplitMix64 random)
    {
        // Drawn whether used or not, so that one setting does not change the others' numbers.
        var shift = (float)(Shift * random.Gaussian());
        var contrast = (float)(1 + Contrast * random.Uniform(-1, 1));
        var gamma = (float)(1 + Gamma * random.Uniform(-1, 1));
        // Half of the patches stay clean and half unbent, since both cost time and most images are both.
        var bent = random.Uniform() < .5 && Gamma > 0;
        var noise = (float)(random.Uniform() < .5 ? 0 : Noise * random.Uniform());
        if (bent)
            Bend(image, gamma);
        if (noise > 0)
            Roughen(image, noise, ref random);
        foreach (ref var value in image)
            value = value * contrast + shift;
    }

    private static void Bend(Span<float> image, float gamma)
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in image)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low >= high)
            return;
        var (range, scale) = (high - low, 1 / (high - low));
        foreach (ref var value in image)
            value = low + range * MathF.Pow((value - low) * scale, gamma);
    }

    // The set bits of 64 random ones are normal enough, with mean 32 and deviation 4, and cost almost
    // nothing.
    private static void Roughen(Span<float> image, float deviation, ref SplitMix64 random)
    {
        var scale = deviation / 4;
        foreach (ref var value in image)
            value += scale * (System.Numerics.BitOperations.PopCount(random.Next()) - 32);
    }
}
