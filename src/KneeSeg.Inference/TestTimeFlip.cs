using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>
/// A flip for test-time augmentation: mirrors image and patch position, and swaps left and right labels.
/// </summary>
/// <param name="Axes">The flipped axes.</param>
/// <param name="Swap">Pairs of labels that are swapped.</param>
public sealed record TestTimeFlip(IReadOnlyList<ModelAxis> Axes, IReadOnlyList<SwappedLabels> Swap)
{
    /// <summary>All combinations of allowed flips, without the identity.</summary>
    /// <param name="allowed">The flips that the dataset allows.</param>
    /// <param name="kind">The kind of patch: slices can't be flipped along the depth.</param>
    public static IReadOnlyList<TestTimeFlip> All(FlipAugmentation allowed, PatchKind kind)
    {
        ModelAxis[] axes =
        [
            .. allowed.Axes.Where(axis => kind != PatchKind.Slice || axis != ModelAxis.Depth),
        ];
        return
        [
            .. Enumerable
                .Range(1, (1 << axes.Length) - 1)
                .Select(bits => axes.Where((_, i) => (bits >> i & 1) == 1).ToArray())
                .Select(some => new TestTimeFlip(
                    some,
                    some.Contains(ModelAxis.Depth) ? allowed.Swap : []
                )),
        ];
    }

    /// <summary>Flips a batch <c>[N, C, (D,) H, W]</c>.</summary>
    internal Tensor Of(Tensor batch) =>
        batch.flip([.. Axes.Select(axis => batch.dim() - 3 + (long)axis)]);

    /// <summary>Flips patch positions <c>[N, 3]</c>.</summary>
    internal Tensor OfPosition(Tensor position)
    {
        using var signs = tensor(
            [.. Enum.GetValues<ModelAxis>().Select(axis => Axes.Contains(axis) ? -1f : 1f)],
            device: position.device
        );
        return position * signs;
    }

    /// <summary>Undoes the flip in the values of a flipped batch.</summary>
    /// <param name="byLabel">One for each label, or one for all.</param>
    /// <param name="firstLabel">The label of the first.</param>
    internal Tensor Undo(Tensor byLabel, int firstLabel = 0)
    {
        var mirrored = Of(byLabel);
        if (Swap.Count == 0 || byLabel.shape[1] == 1)
            return mirrored;
        long[] order = [.. Enumerable.Range(0, (int)byLabel.shape[1])];
        foreach (var (first, second) in Swap)
            (order[first - firstLabel], order[second - firstLabel]) = (
                order[second - firstLabel],
                order[first - firstLabel]
            );
        return mirrored.index_select(1, tensor(order));
    }
}
