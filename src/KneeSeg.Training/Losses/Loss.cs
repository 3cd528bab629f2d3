using KneeSeg.Imaging;
using KneeSeg.Runs;
using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>The losses.</summary>
internal static class Loss
{
    private static readonly Dictionary<LossKind, Func<LossInput, Tensor>> Formulas = new()
    {
        [LossKind.DiceCe] = input => EntropyLosses.Plain(input) + OverlapLosses.Dice(input),
        [LossKind.Dice] = OverlapLosses.Dice,
        [LossKind.PooledDice] = OverlapLosses.PooledDice,
        [LossKind.SquaredDice] = OverlapLosses.SquaredDice,
        [LossKind.WeightedDice] = OverlapLosses.WeightedDice,
        [LossKind.PerClassDice] = OverlapLosses.PerClassDice,
        [LossKind.GeneralizedDice] = OverlapLosses.GeneralizedDice,
        [LossKind.Tversky] = input => OverlapLosses.Tversky(input),
        [LossKind.TverskyRecall] = input => OverlapLosses.Tversky(input, .3, .7, 1),
        [LossKind.TverskyByClass] = OverlapLosses.TverskyByClass,
        [LossKind.FocalTversky] = OverlapLosses.FocalTversky,
        [LossKind.TverskyCe] = input => OverlapLosses.Tversky(input) + EntropyLosses.Plain(input),
        [LossKind.Jaccard] = OverlapLosses.Jaccard,
        [LossKind.JaccardDistance] = OverlapLosses.JaccardDistance,
        [LossKind.Ce] = EntropyLosses.Plain,
        [LossKind.WeightedCe] = EntropyLosses.Weighted,
        [LossKind.FrequencyWeightedCe] = EntropyLosses.FrequencyWeighted,
        [LossKind.Focal] = EntropyLosses.Focal,
        [LossKind.BoundaryCe] = EntropyLosses.BoundaryWeighted,
        [LossKind.DiceBoundaryCe] = input =>
            EntropyLosses.BoundaryWeighted(input) + OverlapLosses.Dice(input),
        [LossKind.DiceBce] = input => EntropyLosses.Plain(input) + OverlapLosses.PooledDice(input),
        [LossKind.SquaredDiceCe] = input =>
            EntropyLosses.Plain(input) + OverlapLosses.SquaredDice(input),
    };

    /// <summary>
    /// A loss: a differentiable scalar of logits <c>[N, C, …]</c>, one foreground channel or one per class, and labels
    /// <c>[N, …]</c> (int64, 0 is background). Voxels labeled <see cref="LabelValue.Ignored"/> are excluded; if all are, the
    /// loss is 0. Classes that the labels do not distinguish are one class; see <see cref="MarginalLoss"/>.
    /// </summary>
    public static OutputLoss Of(LossKind kind)
    {
        var formula = Formulas[kind];
        return (logits, labels, groups) =>
        {
            var input = groups is null
                ? new LossInput(logits, labels)
                : new LossInput(
                    MarginalLoss.Logits(logits, groups),
                    MarginalLoss.Labels(labels, groups)
                );
            return input.IsEmpty ? input.Zero : formula(input);
        };
    }
}

/// <summary>The loss of an output, a differentiable scalar.</summary>
/// <param name="output"><c>[N, C, …]</c>.</param>
/// <param name="labels"><c>[N, …]</c>.</param>
/// <param name="groups">What the labels distinguish; null for every class.</param>
internal delegate Tensor OutputLoss(Tensor output, Tensor labels, LabelGroups? groups = null);
