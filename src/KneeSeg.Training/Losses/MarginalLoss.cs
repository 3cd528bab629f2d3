using KneeSeg.Imaging;
using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>
/// The marginal loss of partly labeled samples (Fang and Yan 2020; Shi et al. 2021): the probabilities of classes that their
/// labels do not distinguish are added, and any loss then sees each group as one class.
/// </summary>
internal static class MarginalLoss
{
    /// <summary>
    /// Logits <c>[N, groups, …]</c> whose softmax is the sum of each group's probabilities: the logarithm of its summed
    /// exponentials.
    /// </summary>
    /// <param name="logits"><c>[N, C, …]</c>.</param>
    /// <param name="groups">What the labels distinguish.</param>
    public static Tensor Logits(Tensor logits, LabelGroups groups)
    {
        if (logits.dtype != ScalarType.Float64)
            logits = logits.to(float32);
        return cat(
            [
                .. groups.Select(group =>
                    group is [var only]
                        ? logits.narrow(1, only, 1)
                        : logits
                            .index_select(1, Indices(group, logits.device))
                            .logsumexp(1, keepdim: true)
                ),
            ],
            1
        );
    }

    /// <summary>The number of each label's group; ignored voxels are kept.</summary>
    public static Tensor Labels(Tensor labels, LabelGroups groups)
    {
        long[] numbers =
        [
            .. Enumerable.Range(0, LabelValue.Ignored + 1).Select(label => (long)label),
        ];
        foreach (var (number, group) in groups.Index())
        foreach (var label in group)
            numbers[label] = number;
        return tensor(numbers, device: labels.device)[labels];
    }

    /// <summary>Samples by what their labels distinguish; null for every class.</summary>
    /// <param name="groups">By sample.</param>
    /// <param name="device">Of the indices.</param>
    public static IEnumerable<(LabelGroups? Groups, Tensor Samples)> Parts(
        IReadOnlyList<LabelGroups?> groups,
        Device device
    ) =>
        groups
            .Index()
            .GroupBy(sample => sample.Item, sample => sample.Index)
            .Select(same => (same.Key, Indices([.. same], device)));

    private static Tensor Indices(IReadOnlyList<int> indices, Device device) =>
        tensor(indices.Select(index => (long)index).ToArray(), device: device);
}
