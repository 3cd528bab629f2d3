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
    /// perhaps finer. If no voxel is annotated, the loss is 0.
    /// </summary>
    /// <param name="kind">The loss.</param>
    /// <param name="spacing">Of the labels.</param>
    public static Func<Tensor, Tensor, Tensor> Of(DistanceLossKind kind, ModelSpacing spacing) =>
        (output, labels) =>
        {
            var steps = Subsampling.Steps(labels, output);
            var target = Subsampling.Of(Target(labels, (int)output.shape[1], spacing), steps);
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

    /// <summary>The distances <c>[N, C, …]</c> of labels.</summary>
    private static Tensor Target(Tensor labels, int channels, ModelSpacing spacing)
    {
        Size3 size = new(
            (int)labels.shape[^1],
            (int)labels.shape[^2],
            labels.dim() == 4 ? (int)labels.shape[1] : 1
        );
        var values = labels.to(uint8).cpu().contiguous().data<byte>().ToArray();
        IEnumerable<float> distances =
            from patch in values.Chunk(values.Length / (int)labels.shape[0])
            from channel in Enumerable.Range(0, channels)
            from distance in SignedDistance.Of(
                patch,
                label => channels == 1 ? label > 0 : label == channel,
                size,
                spacing.OfModelVolume
            )
            select Math.Clamp(distance, -SignedDistance.Limit, SignedDistance.Limit);
        return tensor(
            distances.ToArray(),
            [labels.shape[0], channels, .. labels.shape[1..]],
            device: labels.device
        );
    }
}
