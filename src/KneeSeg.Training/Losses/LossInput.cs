using KneeSeg.Imaging;
using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>
/// Probabilities and one-hot targets <c>[N, C, …]</c>, the input of losses, in float32 (float64 for float64 logits). One
/// channel means a sigmoid for foreground, more mean softmax with background first. If there are ignored voxels, only the
/// annotated ones are kept, flattened to <c>[1, C, V]</c>, so that losses need not handle them and their logits get a
/// gradient of 0.
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
        var indices = labels.unsqueeze(1);
        var one = ones(1, this.logits.dtype, indices.device).expand(indices.shape);
        Target = zeros_like(Probability).scatter_(1, indices, one);
    }

    /// <summary>Whether all voxels are ignored.</summary>
    public bool IsEmpty => labels.numel() == 0;

    /// <summary>The loss without voxels: 0, with gradient 0.</summary>
    public Tensor Zero => logits.sum();

    /// <summary>Whether there is one channel.</summary>
    public bool IsBinary { get; }

    /// <summary>Class probabilities.</summary>
    public Tensor Probability { get; }

    /// <summary>One-hot targets.</summary>
    public Tensor Target { get; }

    /// <summary>The logarithm of the probability; of several classes only.</summary>
    private Tensor? Log { get; }

    /// <summary>Sums over batch and space, of each class.</summary>
    public static Tensor ByClass(Tensor map) =>
        map.sum([0, .. Enumerable.Range(2, (int)map.dim() - 2).Select(axis => (long)axis)]);

    /// <summary>Without the background's, where there is one.</summary>
    public Tensor Foreground(Tensor byClass) => IsBinary ? byClass : byClass[1..];

    /// <summary>
    /// 1 for boundary voxels, whose 3-voxel neighborhood has more than one label, else 0; <c>[N, …]</c>. Ignored neighbors do
    /// not count.
    /// </summary>
    public Tensor Boundaries()
    {
        using var _ = no_grad();
        var isVolume = map.dim() == 4;
        Tensor Largest(Tensor values) =>
            isVolume
                ? nn.functional.max_pool3d(values, [3, 3, 3], [1, 1, 1], [1, 1, 1])
                : nn.functional.max_pool2d(values, [3, 3], [1, 1], [1, 1]);
        var target = (IsBinary ? map.clamp_max(1) : map).to(float32).unsqueeze(1);
        // Ignored voxels have the highest value, so the minimum is unaffected; for the maximum they are set to 0.
        var highest = Largest(annotated is null ? target : target * annotated.unsqueeze(1));
        var lowest = -Largest(-target);
        return Annotated(highest.ne(lowest).to(logits.dtype).squeeze(1));
    }

    // The annotated voxels of a map [N, …], flattened; the map itself if none is ignored.
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

    /// <summary>The mean cross-entropy.</summary>
    public Tensor CrossEntropy() =>
        IsBinary
            ? nn.functional.binary_cross_entropy_with_logits(logits, Target)
            : nn.functional.nll_loss(Log!, labels);
}
