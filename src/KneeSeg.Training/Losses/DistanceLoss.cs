using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;
using KneeSeg.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>Losses of signed distances, averaged over annotated voxels.</summary>
internal static class DistanceLoss
{
    /// <summary>
    /// A loss of distances <c>[N, C, …]</c> in mm, one channel for everything labeled or one per label, and labels <c>[N, …]</c>,
    /// perhaps finer. If no voxel is annotated, the loss is 0. A channel whose structures the labels do not distinguish has
    /// no part.
    /// </summary>
    /// <param name="kind">The loss.</param>
    /// <param name="spacing">Of the labels.</param>
    public static OutputLoss Of(DistanceLossKind kind, ModelSpacing spacing) =>
        (output, labels, groups) =>
        {
            var steps = Subsampling.Steps(labels, output);
            var channels = (int)output.shape[1];
            long[] known =
            [
                .. Enumerable
                    .Range(0, channels)
                    .Where(label => groups?.Distinguish(label) != false)
                    .Select(label => (long)label),
            ];
            if (known.Length < channels)
                output = output.index_select(1, tensor(known, device: output.device));
            if (known is [])
                return output.to(float32).sum();
            Predicate<byte>[] masks =
            [
                .. known.Select(label =>
                    (Predicate<byte>)(channels == 1 ? value => value > 0 : value => value == label)
                ),
            ];
            var target = Subsampling.Of(Target(labels, masks, spacing), steps);
            var annotated = Subsampling.Of(labels.ne(LabelValue.Ignored).unsqueeze(1), steps);
            var distances = output.to(float32).masked_select(annotated);
            target = target.masked_select(annotated);
            return distances.numel() == 0
                ? distances.sum()
                : kind switch
                {
                    DistanceLossKind.SmoothL1 => nn.functional.smooth_l1_loss(distances, target),
                    DistanceLossKind.L1 => nn.functional.l1_loss(distances, target),
                    _ => nn.functional.mse_loss(distances, target),
                };
        };

    /// <summary>The distances <c>[N, C, …]</c> of labels, a channel for each mask.</summary>
    private static Tensor Target(Tensor labels, Predicate<byte>[] masks, ModelSpacing spacing)
    {
        Size3 size = new(
            (int)labels.shape[^1],
            (int)labels.shape[^2],
            labels.dim() == 4 ? (int)labels.shape[1] : 1
        );
        var values = labels.to(uint8).cpu().contiguous().data<byte>().ToArray();
        IEnumerable<float> distances =
            from patch in values.Chunk(values.Length / (int)labels.shape[0])
            from mask in masks
            from distance in SignedDistance.Of(patch, mask, size, spacing.OfModelVolume)
            select Math.Clamp(distance, -SignedDistance.Limit, SignedDistance.Limit);
        return tensor(
            distances.ToArray(),
            [labels.shape[0], masks.Length, .. labels.shape[1..]],
            device: labels.device
        );
    }
}
