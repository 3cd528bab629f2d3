using KneeSeg.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>
/// One way to mirror what a network sees, by a dataset's rule: what the network is told of its place is mirrored along,
/// and labels of left and right change places.
/// </summary>
/// <param name="Axes">Which are mirrored.</param>
/// <param name="Swap">Pairs of labels that then change places.</param>
public sealed record TestTimeFlip(IReadOnlyList<ModelAxis> Axes, IReadOnlyList<SwappedLabels> Swap)
{
    /// <summary>Every way to mirror that a rule allows, but not at all.</summary>
    /// <param name="rule">The dataset's.</param>
    /// <param name="kind">What the network sees: one that sees a slice at a time can't mirror the depth.</param>
    public static IReadOnlyList<TestTimeFlip> All(FlipAugmentation rule, PatchKind kind)
    {
        ModelAxis[] axes =
        [
            .. rule.Axes.Where(axis => kind != PatchKind.Slice || axis != ModelAxis.Depth),
        ];
        return
        [
            .. Enumerable
                .Range(1, (1 << axes.Length) - 1)
                .Select(bits => axes.Where((_, i) => (bits >> i & 1) == 1).ToArray())
                .Select(some => new TestTimeFlip(
                    some,
                    some.Contains(ModelAxis.Depth) ? rule.Swap : []
                )),
        ];
    }

    /// <summary>A batch mirrored: <c>[N, C, (D,) H, W]</c>.</summary>
    internal Tensor Of(Tensor batch) =>
        batch.flip([.. Axes.Select(axis => batch.dim() - 3 + (long)axis)]);

    /// <summary>The positions mirrored: <c>[N, 3]</c>.</summary>
    internal Tensor OfPosition(Tensor position)
    {
        using var signs = tensor(
            [.. Enum.GetValues<ModelAxis>().Select(axis => Axes.Contains(axis) ? -1f : 1f)],
            device: position.device
        );
        return position * signs;
    }

    /// <summary>What a network says about a mirrored batch, mirrored back.</summary>
    internal Tensor Back(Tensor probabilities)
    {
        var mirrored = Of(probabilities);
        if (Swap.Count == 0)
            return mirrored;
        long[] order = [.. Enumerable.Range(0, (int)probabilities.shape[1])];
        foreach (var (first, second) in Swap)
            (order[first], order[second]) = (order[second], order[first]);
        return mirrored.index_select(1, tensor(order));
    }
}
