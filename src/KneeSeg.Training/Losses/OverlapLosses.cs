using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>
/// Overlap losses. y is the target, p the probability, Σ sums over batch and space; <c>…ByClass</c> is of each class,
/// background left out of the mean, the others are of all classes together, as the published knee project has them.
/// </summary>
internal static class OverlapLosses
{
    private const double Tiny = 1e-10;

    /// <summary>1 − mean of (2Σyp + 1) / (Σy + Σp + 1) over structures (Milletari et al. 2016, soft).</summary>
    public static Tensor Dice(LossInput input) => 1 - input.Foreground(SoftDice(input)).mean();

    /// <summary>1 − (2Σyp + 1) / (Σy + Σp + 1) over all classes together: the loss of the published tables.</summary>
    public static Tensor PooledDice(LossInput input) =>
        1 - Ratio(2 * Intersection(input), input.Target.sum() + input.Probability.sum(), 1);

    /// <summary>−(2Σyp + 1) / (Σy² + Σp² + 1) over all classes together, from −1 to 0.</summary>
    public static Tensor SquaredDice(LossInput input) =>
        -Ratio(2 * Intersection(input), input.Target.sum() + input.Probability.square().sum(), 1);

    /// <summary>The pooled Dice loss of the structures plus that of all classes.</summary>
    public static Tensor WeightedDice(LossInput input)
    {
        var intersection = LossInput.ByClass(input.Target * input.Probability);
        var total = LossInput.ByClass(input.Target) + LossInput.ByClass(input.Probability);
        Tensor Loss(Tensor intersection, Tensor total) =>
            1 - Ratio(2 * intersection.sum(), total.sum(), 1);
        return Loss(input.Foreground(intersection), input.Foreground(total))
            + Loss(intersection, total);
    }

    /// <summary>−2 · mean of (Σyp + 1e-10) / (Σy + Σp + 1e-10) over all classes.</summary>
    public static Tensor PerClassDice(LossInput input) =>
        -2
        * Ratio(
                LossInput.ByClass(input.Target * input.Probability),
                LossInput.ByClass(input.Target) + LossInput.ByClass(input.Probability),
                Tiny
            )
            .mean();

    /// <summary>1 − 2ΣwΣyp / ΣwΣ(y + p), w = 1/(Σy)² of each class (Sudre et al. 2017).</summary>
    public static Tensor GeneralizedDice(LossInput input)
    {
        var target = LossInput.ByClass(input.Target);
        // An absent class would have an unbounded weight.
        var weight = 1 / target.clamp_min(1).square();
        var intersection = LossInput.ByClass(input.Target * input.Probability);
        var total = target + LossInput.ByClass(input.Probability);
        return 1 - 2 * (weight * intersection).sum() / (weight * total).sum().clamp_min(Tiny);
    }

    /// <summary>1 − (Σyp + s) / (Σyp + α·Σp(1−y) + β·Σ(1−p)y + s) over all classes together (Salehi et al. 2017).</summary>
    /// <param name="input">Probabilities and targets.</param>
    /// <param name="falsePositives">α.</param>
    /// <param name="falseNegatives">β.</param>
    /// <param name="smooth">s.</param>
    public static Tensor Tversky(
        LossInput input,
        double falsePositives = .5,
        double falseNegatives = .5,
        double smooth = Tiny
    )
    {
        var intersection = Intersection(input);
        var wrong =
            falsePositives * (input.Probability.sum() - intersection)
            + falseNegatives * (input.Target.sum() - intersection);
        return 1 - (intersection + smooth) / (intersection + wrong + smooth);
    }

    /// <summary>The Tversky loss of each class with α = β = ½, added over all of them.</summary>
    public static Tensor TverskyByClass(LossInput input)
    {
        var intersection = LossInput.ByClass(input.Target * input.Probability);
        var total = LossInput.ByClass(input.Target) + LossInput.ByClass(input.Probability);
        return (1 - 2 * intersection / total.clamp_min(Tiny)).sum();
    }

    /// <summary>The Tversky loss to the power of ¾ (Abraham and Khan 2019).</summary>
    public static Tensor FocalTversky(LossInput input) => Tversky(input).clamp_min(Tiny).pow(.75);

    /// <summary>1 − (Σyp + 1) / (Σy + Σp − Σyp + 1) over all classes together (Rahman and Wang 2016).</summary>
    public static Tensor Jaccard(LossInput input)
    {
        var intersection = Intersection(input);
        return 1
            - Ratio(intersection, input.Target.sum() + input.Probability.sum() - intersection, 1);
    }

    /// <summary>100 · mean over voxels of 1 − (Σyp + 100) / (Σ(y + p) − Σyp + 100), Σ over a voxel's classes.</summary>
    public static Tensor JaccardDistance(LossInput input)
    {
        var intersection = (input.Target * input.Probability).sum(1);
        var total = (input.Target + input.Probability).sum(1);
        return 100 * (1 - Ratio(intersection, total - intersection, 100)).mean();
    }

    private static Tensor SoftDice(LossInput input) =>
        Ratio(
            2 * LossInput.ByClass(input.Target * input.Probability),
            LossInput.ByClass(input.Probability) + LossInput.ByClass(input.Target),
            1
        );

    private static Tensor Intersection(LossInput input) => (input.Target * input.Probability).sum();

    private static Tensor Ratio(Tensor above, Tensor below, double smooth) =>
        (above + smooth) / (below + smooth);
}
