using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// One loss of several answers (Lee et al. 2015, "Deeply-Supervised Nets"): the mean of theirs, in which a map that is
/// k times coarser weighs 1/k of a fine one (Isensee et al. 2021). Coarser maps are held against every k-th label.
/// </summary>
public static class DeepSupervision
{
    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="answers">Logits <c>[N, C, …]</c>, the output's first.</param>
    /// <param name="labels"><c>[N, …]</c> of the output's size.</param>
    /// <param name="loss">The loss of one answer.</param>
    public static Tensor Of(
        IReadOnlyList<Tensor> answers,
        Tensor labels,
        Func<Tensor, Tensor, Tensor> loss
    )
    {
        var sum = loss(answers[0], labels);
        var weights = 1.0;
        foreach (var answer in answers.Skip(1))
        {
            long[] steps = [.. labels.shape[1..].Zip(answer.shape[2..], (fine, own) => fine / own)];
            var weight = 1.0 / steps.Max();
            sum += weight * loss(answer, Every(labels, steps));
            weights += weight;
        }
        return sum / weights;
    }

    private static Tensor Every(Tensor labels, long[] steps) =>
        labels[[TensorIndex.Colon, .. steps.Select(step => TensorIndex.Slice(null, null, step))]];
}
