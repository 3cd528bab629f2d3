using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// Deep supervision (Lee et al. 2015, "Deeply-Supervised Nets"): the weighted mean of the losses of several outputs, where
/// an output k times coarser has the weight 1/k (Isensee et al. 2021) and is compared with every k-th label.
/// </summary>
internal static class DeepSupervision
{
    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="outputs">Logits <c>[N, C, …]</c>, the full-resolution output first.</param>
    /// <param name="labels"><c>[N, …]</c> of the output's size.</param>
    /// <param name="loss">The loss of one output.</param>
    public static Tensor Of(
        IReadOnlyList<Tensor> outputs,
        Tensor labels,
        Func<Tensor, Tensor, Tensor> loss
    )
    {
        var sum = loss(outputs[0], labels);
        var weights = 1.0;
        foreach (var output in outputs.Skip(1))
        {
            long[] steps = [.. labels.shape[1..].Zip(output.shape[2..], (fine, own) => fine / own)];
            var weight = 1.0 / steps.Max();
            sum += weight * loss(output, Subsample(labels, steps));
            weights += weight;
        }
        return sum / weights;
    }

    private static Tensor Subsample(Tensor labels, long[] steps) =>
        labels[[TensorIndex.Colon, .. steps.Select(step => TensorIndex.Slice(null, null, step))]];
}
