using KneeSeg.Kernels;
using KneeSeg.Torch.Layers;

namespace KneeSeg.Torch.Fused;

/// <summary>Statistics that predicting takes instead of a batch's.</summary>
/// <param name="Means">By channel.</param>
/// <param name="Variances">By channel.</param>
/// <param name="Epsilon">Is added to the variance.</param>
internal sealed record RunningStatistics(float[] Means, float[] Variances, double Epsilon);

/// <summary>A norm's statistics, as kernels take and give them.</summary>
internal static class NormStatistics
{
    /// <summary>What they are over; null without a norm.</summary>
    public static Norm? Over(Normalization? norm) =>
        norm switch
        {
            null => null,
            InstanceNormalization => new(NormKind.Group, norm.Op.Channels, norm.Op.Epsilon),
            GroupNormalization { Groups: var groups } => new(
                NormKind.Group,
                groups,
                norm.Op.Epsilon
            ),
            _ => new(NormKind.Batch, 1, norm.Op.Epsilon),
        };

    /// <summary>The running ones if a pass uses them; else null.</summary>
    public static RunningStatistics? Running(Normalization? norm, ForwardContext pass) =>
        norm is BatchNormalization { Running: var (mean, variance) } && !pass.Training
            ? new(TensorMaps.Numbers(mean), TensorMaps.Numbers(variance), norm.Op.Epsilon)
            : null;

    /// <summary>Moves the running ones towards a batch's.</summary>
    public static void Observe(BatchNormalization norm, Statistics batch, ForwardContext pass)
    {
        var (count, epsilon) = (batch.Count, norm.Op.Epsilon);
        var channels = Enumerable.Range(0, norm.Op.Channels).ToArray();
        norm.Observe(
            Array.ConvertAll(channels, c => (float)batch.Mean(0, c)),
            Array.ConvertAll(
                channels,
                c => (float)(batch.Variance(0, c, epsilon) * count / Math.Max(1.0, count - 1))
            ),
            pass
        );
    }
}
