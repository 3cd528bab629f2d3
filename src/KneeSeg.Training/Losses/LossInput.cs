using KneeSeg.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// A network's answer beside the truth, as losses want both: <c>[N, C, …]</c>, in float32, or float64 where the logits are.
/// One channel is a sigmoid map of everything that is not background; more are mean softmax with background first. Of labels
/// that mark ignored voxels only the annotated ones are there, one after the other: <c>[1, C, V]</c>. So no formula knows
/// of ignored voxels, and their logits, whatever they are, get a gradient of 0.
/// </summary>
internal sealed class LossInput
{
    private readonly Tensor logits;
    private readonly Tensor labels;
    private readonly Tensor map;
    private readonly Tensor? annotated;

    /// <param name="logits"><c>[N, C, …]</c> of any floating type.</param>
    /// <param name="labels"><c>[N, …]</c>, int64, 0 is background, <see cref="LabelValue.Ignored"/> not annotated.</param>
    public LossInput(Tensor logits, Tensor labels)
    {
        IsBinary = logits.shape[1] == 1;
        map = labels;
        if (labels.max().item<long>() == LabelValue.Ignored)
        {
            annotated = labels.ne(LabelValue.Ignored);
            labels = Annotated(labels);
            logits = logits
                .transpose(0, 1)
                .masked_select(annotated)
                .reshape(1, logits.shape[1], -1);
        }
        this.logits = logits.dtype == ScalarType.Float64 ? logits : logits.to(float32);
        this.labels = labels;
        if (IsBinary)
        {
            Probability = this.logits.sigmoid();
            Target = labels.clamp_max(1).to(this.logits.dtype).unsqueeze(1);
            return;
        }
        Log = nn.functional.log_softmax(this.logits, 1);
        Probability = Log.exp();
        var places = labels.unsqueeze(1);
        var one = ones(1, this.logits.dtype, places.device).expand(places.shape);
        Target = zeros_like(Probability).scatter_(1, places, one);
    }

    /// <summary>Whether there is no voxel to learn from: all are ignored.</summary>
    public bool IsEmpty => labels.numel() == 0;

    /// <summary>The loss of no voxels: 0, and so is its gradient.</summary>
    public Tensor Nothing => logits.sum();

    /// <summary>Whether there is one channel.</summary>
    public bool IsBinary { get; }

    /// <summary>Of each class.</summary>
    public Tensor Probability { get; }

    /// <summary>1 where a voxel is of the class, else 0.</summary>
    public Tensor Target { get; }

    /// <summary>The logarithm of the probability; of several classes only.</summary>
    private Tensor? Log { get; }

    /// <summary>Sums over batch and space, of each class.</summary>
    public static Tensor ByClass(Tensor map) =>
        map.sum([0, .. Enumerable.Range(2, (int)map.dim() - 2).Select(axis => (long)axis)]);

    /// <summary>Without the background's, where there is one.</summary>
    public Tensor Foreground(Tensor byClass) => IsBinary ? byClass : byClass[1..];

    /// <summary>
    /// 1 where a voxel's neighborhood, 3 voxels along each axis, has more than one label, else 0; <c>[N, …]</c>. Ignored
    /// neighbors are no border.
    /// </summary>
    public Tensor Borders()
    {
        using var _ = no_grad();
        var isVolume = map.dim() == 4;
        Tensor Largest(Tensor values) =>
            isVolume
                ? nn.functional.max_pool3d(values, [3, 3, 3], [1, 1, 1], [1, 1, 1])
                : nn.functional.max_pool2d(values, [3, 3], [1, 1], [1, 1]);
        var truth = (IsBinary ? map.clamp_max(1) : map).to(float32).unsqueeze(1);
        // As no label is higher than the mark of ignored voxels, the lowest is right with it, and the highest with 0 there.
        var highest = Largest(annotated is null ? truth : truth * annotated.unsqueeze(1));
        var lowest = -Largest(-truth);
        return Annotated(highest.ne(lowest).to(logits.dtype).squeeze(1));
    }

    // Of a map [N, …] those voxels that count; all, unless some are ignored.
    private Tensor Annotated(Tensor values) =>
        annotated is null ? values : values.masked_select(annotated).unsqueeze(0);

    /// <summary>The cross-entropy of every voxel, <c>[N, …]</c>, which is −ln of the true class's probability.</summary>
    public Tensor CrossEntropies() =>
        IsBinary
            ? nn
                .functional.binary_cross_entropy_with_logits(
                    logits,
                    Target,
                    reduction: nn.Reduction.None
                )
                .squeeze(1)
            : nn.functional.nll_loss(Log!, labels, reduction: nn.Reduction.None);

    /// <summary>Their mean, without a map of them.</summary>
    public Tensor CrossEntropy() =>
        IsBinary
            ? nn.functional.binary_cross_entropy_with_logits(logits, Target)
            : nn.functional.nll_loss(Log!, labels);
}
