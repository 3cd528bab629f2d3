using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>Losses of every voxel on its own, averaged.</summary>
internal static class EntropyLosses
{
    private const double Focus = 2;
    private const double BorderWeight = 4;

    /// <summary>−ln p of the true class.</summary>
    public static Tensor Plain(LossInput answer) => answer.CrossEntropy();

    /// <summary>The same, each class as heavy as the other: weights N / (C·Σy), of the batch.</summary>
    public static Tensor Weighted(LossInput answer)
    {
        var counts = Shares(answer);
        return Voxelwise(answer, counts.sum() / (counts.clamp_min(1) * counts.shape[0]));
    }

    /// <summary>The same, each class weighed by its share of the batch, as the published knee project has it.</summary>
    public static Tensor FrequencyWeighted(LossInput answer)
    {
        var counts = Shares(answer);
        return Voxelwise(answer, counts / counts.sum());
    }

    /// <summary>−(1 − p)² ln p: what is learned already counts little (Lin et al. 2017).</summary>
    public static Tensor Focal(LossInput answer)
    {
        var entropy = answer.CrossEntropies();
        return ((1 - (-entropy).exp()).pow(Focus) * entropy).mean();
    }

    /// <summary>Voxels at a border between labels weigh five times as much (after Ronneberger et al. 2015).</summary>
    public static Tensor BoundaryWeighted(LossInput answer)
    {
        var weights = 1 + BorderWeight * answer.Borders();
        return (weights * answer.CrossEntropies()).sum() / weights.sum();
    }

    // The classes' counts; of one channel, those of background and structure.
    private static Tensor Shares(LossInput answer)
    {
        var counts = LossInput.ByClass(answer.Target);
        return answer.IsBinary ? cat([answer.Target.numel() - counts, counts]) : counts;
    }

    private static Tensor Voxelwise(LossInput answer, Tensor weights)
    {
        var axes = (int)answer.Target.dim() - 2;
        long[] shape = [1, -1, .. Enumerable.Repeat(1L, axes)];
        var ofVoxel = answer.IsBinary
            ? (weights[0] + (weights[1] - weights[0]) * answer.Target).squeeze(1)
            : (weights.reshape(shape) * answer.Target).sum(1);
        return (ofVoxel * answer.CrossEntropies()).mean();
    }
}
