using System.Numerics.Tensors;

namespace KneeSeg.Data.Augmenting;

/// <summary>Separable filters that remove detail: Gaussian blur and simulated low resolution.</summary>
internal static class GaussianBlur
{
    /// <summary>A Gaussian blur; edges are replicated.</summary>
    /// <param name="image">The voxels.</param>
    /// <param name="size">Of the patch.</param>
    /// <param name="deviation">In voxels.</param>
    public static void Blur(Span<float> image, ModelSize size, double deviation)
    {
        var reach = (int)Math.Ceiling(3 * deviation);
        var weights = new float[2 * reach + 1];
        for (var i = -reach; i <= reach; i++)
            weights[i + reach] = (float)Math.Exp(-i * i / (2 * deviation * deviation));
        TensorPrimitives.Divide(weights, TensorPrimitives.Sum<float>(weights), weights);
        EachAxis(
            image,
            size,
            (source, target, count, inner) =>
            {
                for (var k = 0; k < count; k++)
                {
                    var row = target.AsSpan(k * inner, inner);
                    row.Clear();
                    for (var tap = 0; tap < weights.Length; tap++)
                    {
                        var from = Math.Clamp(k + tap - reach, 0, count - 1);
                        TensorPrimitives.MultiplyAdd(
                            source.AsSpan(from * inner, inner),
                            weights[tap],
                            row,
                            row
                        );
                    }
                }
            }
        );
    }

    /// <summary>Simulates low resolution: subsamples and interpolates linearly.</summary>
    /// <param name="image">The voxels.</param>
    /// <param name="size">Of the patch.</param>
    /// <param name="factor">How many times coarser, above 1.</param>
    public static void Coarsen(Span<float> image, ModelSize size, double factor) =>
        EachAxis(
            image,
            size,
            (source, target, count, inner) =>
            {
                for (var k = 0; k < count; k++)
                {
                    var coarse = k / factor;
                    var lower = (int)coarse;
                    int Kept(int index) => Math.Min((int)Math.Round(index * factor), count - 1);
                    TensorPrimitives.Lerp(
                        source.AsSpan(Kept(lower) * inner, inner),
                        source.AsSpan(Kept(lower + 1) * inner, inner),
                        (float)(coarse - lower),
                        target.AsSpan(k * inner, inner)
                    );
                }
            }
        );

    private delegate void Along(float[] source, float[] target, int count, int inner);

    // Each axis in turn becomes the slowest, so that one filter serves all three.
    private static void EachAxis(Span<float> image, ModelSize size, Along along)
    {
        var source = image.ToArray();
        var target = new float[source.Length];
        int[] sizes = [size.Depth, size.Height, size.Width];
        for (var turn = 0; turn < 3; turn++)
        {
            var (count, inner) = (sizes[0], source.Length / sizes[0]);
            if (count > 1)
                along(source, target, count, inner);
            else
                source.CopyTo(target, 0);
            // The axis that was first becomes the last.
            for (var k = 0; k < count; k++)
            for (var i = 0; i < inner; i++)
                source[i * count + k] = target[k * inner + i];
            sizes = [sizes[1], sizes[2], sizes[0]];
        }
        source.CopyTo(image);
    }
}
