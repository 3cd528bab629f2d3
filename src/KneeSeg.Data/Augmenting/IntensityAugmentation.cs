using System.Numerics;
using System.Numerics.Tensors;

namespace KneeSeg.Data;

/// <summary>The changes of a patch's brightness, in the order in which a scanner would make them.</summary>
internal static class IntensityAugmentation
{
    /// <summary>Changes a patch.</summary>
    /// <param name="augmentation">How often, and how far.</param>
    /// <param name="size">Of the patch.</param>
    /// <param name="image">Its voxels.</param>
    /// <param name="random">The patch's.</param>
    public static void Apply(
        Augmentation augmentation,
        ModelSize size,
        Span<float> image,
        ref SplitMix64 random
    )
    {
        // Drawn whether used or not, so that one setting does not change the others' numbers.
        var gamma = augmentation.Gamma.Either(ref random);
        var gain = augmentation.Gain.Either(ref random);
        var bias = augmentation.Bias.UpTo(ref random);
        var blur = augmentation.Blur.UpTo(ref random);
        var coarser = augmentation.LowResolution.UpTo(ref random);
        var noise = augmentation.Noise.UpTo(ref random);
        var contrast = augmentation.Contrast.Either(ref random);
        var shift = augmentation.Shift.Either(ref random);
        var cut = augmentation.CutOut.UpTo(ref random);
        var key = random.Next();

        if (gamma != 0 || gain != 0)
            Bend(image, (float)(1 + gamma), (float)(1 + gain));
        if (bias > 0)
            BiasField.Apply(image, size, bias, key);
        if (blur > 0)
            GaussianBlur.Blur(image, size, blur);
        if (coarser > 0)
            GaussianBlur.Coarsen(image, size, 1 + coarser);
        if (noise > 0)
            Roughen(image, (float)noise, new SplitMix64(key));
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

    private static void Bend(Span<float> image, float gamma, float gain)
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

    // The set bits of 64 random ones are normal enough, with mean 32 and deviation 4, and cost almost nothing.
    private static void Roughen(Span<float> image, float deviation, SplitMix64 random)
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
