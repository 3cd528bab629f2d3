using KneeSeg.Runs;
using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>Losses by their names in recipes.</summary>
public static class Loss
{
    private static readonly Dictionary<string, Func<LossInput, Tensor>> Formulas = new()
    {
        ["dice-ce"] = input => EntropyLosses.Plain(input) + OverlapLosses.Dice(input),
        ["dice"] = OverlapLosses.Dice,
        ["pooled-dice"] = OverlapLosses.PooledDice,
        ["squared-dice"] = OverlapLosses.SquaredDice,
        ["weighted-dice"] = OverlapLosses.WeightedDice,
        ["per-class-dice"] = OverlapLosses.PerClassDice,
        ["generalized-dice"] = OverlapLosses.GeneralizedDice,
        ["tversky"] = input => OverlapLosses.Tversky(input),
        ["tversky-recall"] = input => OverlapLosses.Tversky(input, .3, .7, 1),
        ["tversky-by-class"] = OverlapLosses.TverskyByClass,
        ["focal-tversky"] = OverlapLosses.FocalTversky,
        ["tversky-ce"] = input => OverlapLosses.Tversky(input) + EntropyLosses.Plain(input),
        ["jaccard"] = OverlapLosses.Jaccard,
        ["jaccard-distance"] = OverlapLosses.JaccardDistance,
        ["ce"] = EntropyLosses.Plain,
        ["weighted-ce"] = EntropyLosses.Weighted,
        ["frequency-weighted-ce"] = EntropyLosses.FrequencyWeighted,
        ["focal"] = EntropyLosses.Focal,
        ["boundary-ce"] = EntropyLosses.BoundaryWeighted,
        ["dice-boundary-ce"] = input =>
            EntropyLosses.BoundaryWeighted(input) + OverlapLosses.Dice(input),
        ["dice-bce"] = input => EntropyLosses.Plain(input) + OverlapLosses.PooledDice(input),
        ["squared-dice-ce"] = input =>
            EntropyLosses.Plain(input) + OverlapLosses.SquaredDice(input),
    };

    /// <summary>All names.</summary>
    public static IReadOnlyCollection<string> Names => Formulas.Keys;

    /// <summary>
    /// A loss: a differentiable scalar of logits <c>[N, C, …]</c>, one foreground channel or one per class, and labels
    /// <c>[N, …]</c> (int64, 0 is background). Voxels labeled <see cref="Imaging.LabelValue.Ignored"/> are excluded; if all
    /// are, the loss is 0.
    /// </summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ProblemException">The name is unknown (exit 2).</exception>
    public static Func<Tensor, Tensor, Tensor> Of(string name) =>
        Formulas.TryGetValue(name, out var formula)
            ? (logits, labels) =>
                new LossInput(logits, labels) is var input && input.IsEmpty
                    ? input.Zero
                    : formula(input)
            : throw RecipeWord.Unknown("loss", name, Names);

    /// <summary>Soft precision, (Σyp + 1) / (Σp + 1) over all classes together.</summary>
    public static Tensor Precision(Tensor logits, Tensor labels) =>
        Share(new LossInput(logits, labels), input => input.Probability);

    /// <summary>Soft recall, (Σyp + 1) / (Σy + 1) over all classes together.</summary>
    public static Tensor Recall(Tensor logits, Tensor labels) =>
        Share(new LossInput(logits, labels), input => input.Target);

    private static Tensor Share(LossInput input, Func<LossInput, Tensor> of) =>
        ((input.Target * input.Probability).sum() + 1) / (of(input).sum() + 1);
}
