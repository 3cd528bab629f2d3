using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>The losses by the names that recipes have for them.</summary>
public static class Loss
{
    private static readonly Dictionary<string, Func<Answer, Tensor>> Formulas = new()
    {
        ["dice-ce"] = answer => EntropyLosses.Plain(answer) + OverlapLosses.Dice(answer),
        ["dice"] = OverlapLosses.Dice,
        ["overall-dice"] = OverlapLosses.OverallDice,
        ["squared-dice"] = OverlapLosses.SquaredDice,
        ["weighted-dice"] = OverlapLosses.WeightedDice,
        ["mean-class-dice"] = OverlapLosses.MeanClassDice,
        ["generalised-dice"] = OverlapLosses.GeneralisedDice,
        ["tversky"] = answer => OverlapLosses.Tversky(answer),
        ["tversky-recall"] = answer => OverlapLosses.Tversky(answer, .3, .7, 1),
        ["tversky-by-class"] = OverlapLosses.TverskyByClass,
        ["focal-tversky"] = OverlapLosses.FocalTversky,
        ["tversky-ce"] = answer => OverlapLosses.Tversky(answer) + EntropyLosses.Plain(answer),
        ["jaccard"] = OverlapLosses.Jaccard,
        ["jaccard-distance"] = OverlapLosses.JaccardDistance,
        ["ce"] = EntropyLosses.Plain,
        ["weighted-ce"] = EntropyLosses.Weighted,
        ["frequency-ce"] = EntropyLosses.ByFrequency,
        ["focal"] = EntropyLosses.Focal,
        ["border-ce"] = EntropyLosses.AtBorders,
        ["dice-border-ce"] = answer => EntropyLosses.AtBorders(answer) + OverlapLosses.Dice(answer),
        ["dice-bce"] = answer => EntropyLosses.Plain(answer) + OverlapLosses.OverallDice(answer),
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
                new Answer(logits, labels) is var answer && answer.IsEmpty
                    ? answer.Nothing
                    : formula(answer)
            : throw RecipeWord.Unknown("loss", name, Names);

    /// <summary>Soft precision, (Σyp + 1) / (Σp + 1) over everything.</summary>
    public static Tensor Precision(Tensor logits, Tensor labels) =>
        Share(new Answer(logits, labels), answer => answer.Probability);

    /// <summary>Soft recall, (Σyp + 1) / (Σy + 1) over everything.</summary>
    public static Tensor Recall(Tensor logits, Tensor labels) =>
        Share(new Answer(logits, labels), answer => answer.Truth);

    private static Tensor Share(Answer answer, Func<Answer, Tensor> of) =>
        ((answer.Truth * answer.Probability).sum() + 1) / (of(answer).sum() + 1);
}
