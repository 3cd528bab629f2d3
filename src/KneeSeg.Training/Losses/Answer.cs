using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// A network's answer beside the truth, as losses want both: <c>[N, C, …]</c>, in float32, or float64 where the logits are.
/// One channel is a sigmoid map of everything that is not background; more are mean softmax with background first.
/// </summary>
internal sealed class Answer
{
    private readonly Tensor logits;
    private readonly Tensor labels;

    /// <param name="logits"><c>[N, C, …]</c> of any floating type.</param>
    /// <param name="labels"><c>[N, …]</c>, int64, 0 is background.</param>
    public Answer(Tensor logits, Tensor labels)
    {
        this.logits = logits.dtype == ScalarType.Float64 ? logits : logits.to(float32);
        IsBinary = logits.shape[1] == 1;
        this.labels = labels;
        if (IsBinary)
        {
            Probability = this.logits.sigmoid();
            Truth = labels.clamp_max(1).to(this.logits.dtype).unsqueeze(1);
            return;
        }
        Log = nn.functional.log_softmax(this.logits, 1);
        Probability = Log.exp();
        var places = labels.unsqueeze(1);
        var one = ones(1, this.logits.dtype, places.device).expand(places.shape);
        Truth = zeros_like(Probability).scatter_(1, places, one);
    }

    /// <summary>Whether there is one channel.</summary>
    public bool IsBinary { get; }

    /// <summary>Of each class.</summary>
    public Tensor Probability { get; }

    /// <summary>1 where a voxel is of the class, else 0.</summary>
    public Tensor Truth { get; }

    /// <summary>The logarithm of the probability; of several classes only.</summary>
    private Tensor? Log { get; }

    /// <summary>Sums over batch and space, of each class.</summary>
    public static Tensor ByClass(Tensor map) =>
        map.sum([0, .. Enumerable.Range(2, (int)map.dim() - 2).Select(axis => (long)axis)]);

    /// <summary>Without the background's, where there is one.</summary>
    public Tensor Foreground(Tensor byClass) => IsBinary ? byClass : byClass[1..];

    /// <summary>The cross-entropy of every voxel, <c>[N, …]</c>, which is −ln of the true class's probability.</summary>
    public Tensor CrossEntropies() =>
        IsBinary
            ? nn
                .functional.binary_cross_entropy_with_logits(
                    logits,
                    Truth,
                    reduction: nn.Reduction.None
                )
                .squeeze(1)
            : nn.functional.nll_loss(Log!, labels, reduction: nn.Reduction.None);

    /// <summary>Their mean, without a map of them.</summary>
    public Tensor CrossEntropy() =>
        IsBinary
            ? nn.functional.binary_cross_entropy_with_logits(logits, Truth)
            : nn.functional.nll_loss(Log!, labels);
}
