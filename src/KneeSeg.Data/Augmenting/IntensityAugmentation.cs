using System.Numerics;
using System.Numerics.Tensors;

namespace KneeSeg.Data.Augmenting;

/// <summary>Intensity transforms of a patch, in the order in which they arise in a scanner.</summary>
internal static class IntensityAugmentation
{
    /// <summary>Transforms a channel of a patch.</summary>
    /// <param name="augmentation">Probabilities and magnitudes.</param>
    /// <param name="size">Of the patch.</param>
    /// <param name="image">Its voxels.</param>
    /// <param name="random">The patch's random numbers.</param>
    public static void Apply(
        Augmentation augmentation,
        ModelSize size,
        Span<float> image,
        ref SplitMix64 random
    )
    {
        // Always drawn, so that one setting does not change the others' random numbers.
        var gamma = augmentation.Gamma.DrawSigned(ref random);
        var gain = augmentation.Gain.DrawSigned(ref random);
        var bias = augmentation.Bias.DrawUnsigned(ref random);
        var blur = augmentation.Blur.DrawUnsigned(ref random);
        var coarser = augmentation.LowResolution.DrawUnsigned(ref random);
        var noise = augmentation.Noise.DrawUnsigned(ref random);
        var contrast = augmentation.Contrast.DrawSigned(ref random);
        var shift = augmentation.Shift.DrawSigned(ref random);
        var cut = augmentation.CutOut.DrawUnsigned(ref random);
        var key = random.Next();

        if (gamma != 0 || gain != 0)
            GammaAndGain(image, (float)(1 + gamma), (float)(1 + gain));
        if (bias > 0)
            BiasField.Apply(image, size, bias, key);
        if (blur > 0)
            GaussianBlur.Blur(image, size, blur);
        if (coarser > 0)
            GaussianBlur.Coarsen(image, size, 1 + coarser);
        if (noise > 0)
            AddNoise(image, (float)noise, new SplitMix64(key));
        if (contrast != 0 || shift != 0)
            Rescale(image, (float)(1 + contrast), (float)shift);
        if (cut > 0)
            CutOut(image, size, cut, new SplitMix64(~key));
    }

    private static void Rescale(Span<float> image, float factor, float shift)
    {
        TensorPrimitives.Multiply(image, factor, image);
        TensorPrimitives.Add(image, shift, image);
    }

    private static void GammaAndGain(Span<float> image, float gamma, float gain)
    {
        var (low, high) = (TensorPrimitives.Min(image), TensorPrimitives.Max(image));
        if (low >= high)
            return;
        var range = high - low;
        TensorPrimitives.Subtract(image, low, image);
        if (gamma != 1)
        {
            TensorPrimitives.Divide(image, range, image);
            TensorPrimitives.Pow(image, gamma, image);
            gain *= range;
        }
        TensorPrimitives.Multiply(image, gain, image);
        TensorPrimitives.Add(image, low, image);
    }

    // The number of set bits in 64 random ones approximates a normal distribution with mean 32 and deviation 4, cheaply.
    private static void AddNoise(Span<float> image, float deviation, SplitMix64 random)
    {
        var scale = deviation / 4;
        foreach (ref var value in image)
            value += scale * (BitOperations.PopCount(random.Next()) - 32);
    }

    private static void CutOut(Span<float> image, ModelSize size, double share, SplitMix64 random)
    {
        var mean = TensorPrimitives.Sum(image) / image.Length;
        var (depth, height, width) = (Side(size.Depth), Side(size.Height), Side(size.Width));
        var (d, h, w) = (
            random.Below(size.Depth - depth + 1),
            random.Below(size.Height - height + 1),
            random.Below(size.Width - width + 1)
        );
        for (var i = d; i < d + depth; i++)
        for (var j = h; j < h + height; j++)
            image.Slice((i * size.Height + j) * size.Width + w, width).Fill(mean);

        int Side(int whole) => Math.Max(1, (int)Math.Round(share * whole));
    }
}
