using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>Cross-entropy losses, averaged over voxels.</summary>
internal static class EntropyLosses
{
    private const double Focus = 2;
    private const double BoundaryWeight = 4;

    /// <summary>−ln p of the true class.</summary>
    public static Tensor Plain(LossInput input) => input.CrossEntropy();

    /// <summary>Weighted cross-entropy with balanced class weights N / (C·Σy) of the batch.</summary>
    public static Tensor Weighted(LossInput input)
    {
        var counts = ClassCounts(input);
        return Voxelwise(input, counts.sum() / (counts.clamp_min(1) * counts.shape[0]));
    }

    /// <summary>Cross-entropy weighted by class frequency in the batch, as in the published knee project.</summary>
    public static Tensor FrequencyWeighted(LossInput input)
    {
        var counts = ClassCounts(input);
        return Voxelwise(input, counts / counts.sum());
    }

    /// <summary>Focal loss −(1 − p)² ln p (Lin et al. 2017).</summary>
    public static Tensor Focal(LossInput input)
    {
        var entropy = input.CrossEntropies();
        return ((1 - (-entropy).exp()).pow(Focus) * entropy).mean();
    }

    /// <summary>Boundary voxels between labels have five times the weight (after Ronneberger et al. 2015).</summary>
    public static Tensor BoundaryWeighted(LossInput input)
    {
        var weights = 1 + BoundaryWeight * input.Boundaries();
        return (weights * input.CrossEntropies()).sum() / weights.sum();
    }

    // The classes' counts; of one channel, those of background and structure.
    private static Tensor ClassCounts(LossInput input)
    {
        var counts = LossInput.ByClass(input.Target);
        return input.IsBinary ? cat([input.Target.numel() - counts, counts]) : counts;
    }

    private static Tensor Voxelwise(LossInput input, Tensor weights)
    {
        var axes = (int)input.Target.dim() - 2;
        long[] shape = [1, -1, .. Enumerable.Repeat(1L, axes)];
        var ofVoxel = input.IsBinary
            ? (weights[0] + (weights[1] - weights[0]) * input.Target).squeeze(1)
            : (weights.reshape(shape) * input.Target).sum(1);
        return (ofVoxel * input.CrossEntropies()).mean();
    }
}
