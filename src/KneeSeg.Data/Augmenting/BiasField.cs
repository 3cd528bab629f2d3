using System.Numerics.Tensors;

namespace KneeSeg.Data.Augmenting;

/// <summary>A coil's bias field: intensity above the minimum, times the exponential of a smooth field.</summary>
internal static class BiasField
{
    /// <summary>Applies a bias field to a patch.</summary>
    /// <param name="image">Its voxels.</param>
    /// <param name="size">Its size.</param>
    /// <param name="exponent">The field's amplitude.</param>
    /// <param name="key">The field's random seed.</param>
    public static void Apply(Span<float> image, ModelSize size, double exponent, ulong key)
    {
        var random = new SplitMix64(key);
        // A product of one wave along each axis, each at most once through the patch: smooth, and separable.
        var depth = Wave(size.Depth, ref random);
        var height = Wave(size.Height, ref random);
        var width = Wave(size.Width, ref random);
        var low = TensorPrimitives.Min(image);
        Span<float> row = new float[size.Width];
        for (var d = 0; d < size.Depth; d++)
        for (var h = 0; h < size.Height; h++)
        {
            var line = image.Slice((d * size.Height + h) * size.Width, size.Width);
            TensorPrimitives.Multiply(width, (float)exponent * depth[d] * height[h], row);
            TensorPrimitives.Exp(row, row);
            TensorPrimitives.Subtract(line, low, line);
            TensorPrimitives.Multiply(line, row, line);
            TensorPrimitives.Add(line, low, line);
        }
    }

    private static float[] Wave(int length, ref SplitMix64 random)
    {
        var (turns, phase) = (random.Uniform(.3, 1), random.Uniform(0, 2 * Math.PI));
        var wave = new float[length];
        for (var i = 0; i < length; i++)
            wave[i] = (float)Math.Cos(phase + 2 * Math.PI * turns * i / length);
        return wave;
    }
}
