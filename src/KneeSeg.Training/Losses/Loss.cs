using KneeSeg.Imaging;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>The losses by the names that recipes have for them.</summary>
public static class Loss
{
    private static readonly Dictionary<string, Func<LossInput, Tensor>> Formulas = new()
    {
        ["dice-ce"] = answer => EntropyLosses.Plain(answer) + OverlapLosses.Dice(answer),
        ["dice"] = OverlapLosses.Dice,
        ["pooled-dice"] = OverlapLosses.PooledDice,
        ["squared-dice"] = OverlapLosses.SquaredDice,
        ["weighted-dice"] = OverlapLosses.WeightedDice,
        ["per-class-dice"] = OverlapLosses.PerClassDice,
        ["generalized-dice"] = OverlapLosses.GeneralizedDice,
        ["tversky"] = answer => OverlapLosses.Tversky(answer),
        ["tversky-recall"] = answer => OverlapLosses.Tversky(answer, .3, .7, 1),
        ["tversky-by-class"] = OverlapLosses.TverskyByClass,
        ["focal-tversky"] = OverlapLosses.FocalTversky,
        ["tversky-ce"] = answer => OverlapLosses.Tversky(answer) + EntropyLosses.Plain(answer),
        ["jaccard"] = OverlapLosses.Jaccard,
        ["jaccard-distance"] = OverlapLosses.JaccardDistance,
        ["ce"] = EntropyLosses.Plain,
        ["weighted-ce"] = EntropyLosses.Weighted,
        ["frequency-weighted-ce"] = EntropyLosses.FrequencyWeighted,
        ["focal"] = EntropyLosses.Focal,
        ["boundary-ce"] = EntropyLosses.BoundaryWeighted,
        ["dice-boundary-ce"] = answer =>
            EntropyLosses.BoundaryWeighted(answer) + OverlapLosses.Dice(answer),
        ["dice-bce"] = answer => EntropyLosses.Plain(answer) + OverlapLosses.PooledDice(answer),
        ["squared-dice-ce"] = answer =>
            EntropyLosses.Plain(answer) + OverlapLosses.SquaredDice(answer),
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<string> Names => Formulas.Keys;

    /// <summary>
    /// A loss: of logits <c>[N, C, …]</c>, one channel for everything that is not background or one a class, and labels
    /// <c>[N, …]</c> (int64, 0 is background) a scalar whose gradient reaches the logits. Voxels that the labels mark as
    /// <see cref="Imaging.LabelValue.Ignored"/> take no part; where all are, the loss is 0.
    /// </summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ProblemException">There is none of this name (exit 2).</exception>
    public static Func<Tensor, Tensor, Tensor> Of(string name) =>
        Formulas.TryGetValue(name, out var formula)
            ? (logits, labels) =>
                new LossInput(logits, labels) is var answer && answer.IsEmpty
                    ? answer.Nothing
                    : formula(answer)
            : throw RecipeWord.Unknown("loss", name, Names);

    /// <summary>Soft precision, (Σyp + 1) / (Σp + 1) over everything.</summary>
    public static Tensor Precision(Tensor logits, Tensor labels) =>
        Share(new LossInput(logits, labels), answer => answer.Probability);

    /// <summary>Soft recall, (Σyp + 1) / (Σy + 1) over everything.</summary>
    public static Tensor Recall(Tensor logits, Tensor labels) =>
        Share(new LossInput(logits, labels), answer => answer.Target);

    private static Tensor Share(LossInput answer, Func<LossInput, Tensor> of) =>
        ((answer.Target * answer.Probability).sum() + 1) / (of(answer).sum() + 1);
}
