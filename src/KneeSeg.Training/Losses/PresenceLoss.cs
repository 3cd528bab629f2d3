using KneeSeg.Imaging;
using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>
/// The cross-entropy of vectors that say what is labeled in a patch: one logit for anything, two for nothing and anything, or
/// one per label. Where unannotated voxels or partly labeled ones leave open whether something is there, it is left out.
/// </summary>
internal static class PresenceLoss
{
    /// <summary>The loss of logits <c>[N, C, 1, …]</c> and labels <c>[N, …]</c>; 0 if all are left out.</summary>
    public static Tensor Of(Tensor output, Tensor labels, LabelGroups? groups = null)
    {
        var logits = output.flatten(1).to(float32);
        var voxels = labels.flatten(1);
        var annotated = voxels.ne(LabelValue.Ignored);
        var channels = (int)logits.shape[1];
        var present =
            channels <= 2
                ? voxels.gt(0).logical_and(annotated).any(1, keepdim: true)
                : stack(
                    [
                        .. Enumerable
                            .Range(0, channels)
                            .Select(label => voxels.eq(groups?.Of(label) ?? label).any(1)),
                    ],
                    1
                );
        var known = present.logical_or(annotated.all(1, keepdim: true));
        if (groups is not null)
            known = known.logical_and(
                channels <= 2
                    ? present.logical_or(groups.Distinguish(0))
                    : present.logical_not().logical_or(Distinguished(groups, labels.device))
            );
        var target = present.masked_select(known);
        var chosen = logits.masked_select(known);
        if (target.numel() == 0)
            return chosen.sum();
        return channels == 2
            ? nn.functional.cross_entropy(chosen.reshape(-1, 2), target.to(int64))
            : nn.functional.binary_cross_entropy_with_logits(chosen, target.to(float32));
    }

    // By class: a group that is absent has none of its structures, but one that is present may have any.
    private static Tensor Distinguished(LabelGroups groups, Device device) =>
        tensor(
            Enumerable
                .Range(0, groups.Classes)
                .Select(label => groups.Distinguish(label))
                .ToArray(),
            device: device
        );
}
