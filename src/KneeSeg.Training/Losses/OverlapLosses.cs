using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// Losses of overlap. y is the truth, p the probability, Σ sums over batch and space; <c>…ByClass</c> is of each class,
/// background left out of the mean, the others are of all classes together, as the published knee project has them.
/// </summary>
internal static class OverlapLosses
{
    private const double Tiny = 1e-10;

    /// <summary>1 − mean of (2Σyp + 1) / (Σy + Σp + 1) over structures (Milletari et al. 2016, soft).</summary>
    public static Tensor Dice(LossInput answer) => 1 - answer.Foreground(SoftDice(answer)).mean();

    /// <summary>1 − (2Σyp + 1) / (Σy + Σp + 1) over everything: the loss of the published tables.</summary>
    public static Tensor PooledDice(LossInput answer) =>
        1 - Ratio(2 * Both(answer), answer.Target.sum() + answer.Probability.sum(), 1);

    /// <summary>−(2Σyp + 1) / (Σy² + Σp² + 1) over everything, from −1 to 0.</summary>
    public static Tensor SquaredDice(LossInput answer) =>
        -Ratio(2 * Both(answer), answer.Target.sum() + answer.Probability.square().sum(), 1);

    /// <summary>The overall Dice loss of the structures, and that of all classes, added.</summary>
    public static Tensor WeightedDice(LossInput answer)
    {
        var both = LossInput.ByClass(answer.Target * answer.Probability);
        var either = LossInput.ByClass(answer.Target) + LossInput.ByClass(answer.Probability);
        Tensor Loss(Tensor both, Tensor either) => 1 - Ratio(2 * both.sum(), either.sum(), 1);
        return Loss(answer.Foreground(both), answer.Foreground(either)) + Loss(both, either);
    }

    /// <summary>−2 · mean of (Σyp + 1e-10) / (Σy + Σp + 1e-10) over all classes.</summary>
    public static Tensor PerClassDice(LossInput answer) =>
        -2
        * Ratio(
                LossInput.ByClass(answer.Target * answer.Probability),
                LossInput.ByClass(answer.Target) + LossInput.ByClass(answer.Probability),
                Tiny
            )
            .mean();

    /// <summary>1 − 2ΣwΣyp / ΣwΣ(y + p), w = 1/(Σy)² of each class (Sudre et al. 2017).</summary>
    public static Tensor GeneralizedDice(LossInput answer)
    {
        var truth = LossInput.ByClass(answer.Target);
        // A class that is absent would weigh without bound.
        var weight = 1 / truth.clamp_min(1).square();
        var both = LossInput.ByClass(answer.Target * answer.Probability);
        var either = truth + LossInput.ByClass(answer.Probability);
        return 1 - 2 * (weight * both).sum() / (weight * either).sum().clamp_min(Tiny);
    }

    /// <summary>1 − (Σyp + s) / (Σyp + α·Σp(1−y) + β·Σ(1−p)y + s) over everything (Salehi et al. 2017).</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="falsePositives">α.</param>
    /// <param name="falseNegatives">β.</param>
    /// <param name="smooth">s.</param>
    public static Tensor Tversky(
        LossInput answer,
        double falsePositives = .5,
        double falseNegatives = .5,
        double smooth = Tiny
    )
    {
        var both = Both(answer);
        var wrong =
            falsePositives * (answer.Probability.sum() - both)
            + falseNegatives * (answer.Target.sum() - both);
        return 1 - (both + smooth) / (both + wrong + smooth);
    }

    /// <summary>The Tversky loss of each class with α = β = ½, added over all of them.</summary>
    public static Tensor TverskyByClass(LossInput answer)
    {
        var both = LossInput.ByClass(answer.Target * answer.Probability);
        var either = LossInput.ByClass(answer.Target) + LossInput.ByClass(answer.Probability);
        return (1 - 2 * both / either.clamp_min(Tiny)).sum();
    }

    /// <summary>The Tversky loss to the power of ¾ (Abraham and Khan 2019).</summary>
    public static Tensor FocalTversky(LossInput answer) => Tversky(answer).clamp_min(Tiny).pow(.75);

    /// <summary>1 − (Σyp + 1) / (Σy + Σp − Σyp + 1) over everything (Rahman and Wang 2016).</summary>
    public static Tensor Jaccard(LossInput answer)
    {
        var both = Both(answer);
        return 1 - Ratio(both, answer.Target.sum() + answer.Probability.sum() - both, 1);
    }

    /// <summary>100 · mean over voxels of 1 − (Σyp + 100) / (Σ(y + p) − Σyp + 100), Σ over a voxel's classes.</summary>
    public static Tensor JaccardDistance(LossInput answer)
    {
        var both = (answer.Target * answer.Probability).sum(1);
        var either = (answer.Target + answer.Probability).sum(1);
        return 100 * (1 - Ratio(both, either - both, 100)).mean();
    }

    private static Tensor SoftDice(LossInput answer) =>
        Ratio(
            2 * LossInput.ByClass(answer.Target * answer.Probability),
            LossInput.ByClass(answer.Probability) + LossInput.ByClass(answer.Target),
            1
        );

    private static Tensor Both(LossInput answer) => (answer.Target * answer.Probability).sum();

    private static Tensor Ratio(Tensor above, Tensor below, double smooth) =>
        (above + smooth) / (below + smooth);
}
