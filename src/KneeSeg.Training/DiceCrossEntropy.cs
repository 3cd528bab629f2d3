using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// Dice loss plus cross-entropy, in equal parts: cross-entropy is smooth everywhere, Dice does not drown
/// thin cartilage in background (Isensee et al. 2021). Dice is soft, over the whole batch, and its mean
/// leaves background out.
/// </summary>
public static class DiceCrossEntropy
{
    // Keeps the ratio defined where a structure is neither there nor predicted.
    private const double Smooth = 1.0;

    /// <summary>The loss of a batch, a scalar; its gradient reaches the logits.</summary>
    /// <param name="logits">
    /// <c>[N, C, …]</c> of any floating type; computed in float32. One channel means one sigmoid map of
    /// everything that is not background, more mean softmax with background first.
    /// </param>
    /// <param name="labels"><c>[N, …]</c>, int64, 0 is background.</param>
    public static Tensor Of(Tensor logits, Tensor labels) =>
        logits.shape[1] == 1 ? Binary(logits, labels) : MultiClass(logits, labels);

    private static Tensor MultiClass(Tensor logits, Tensor labels)
    {
        var log = nn.functional.log_softmax(logits.to(float32), 1);
        var crossEntropy = nn.functional.nll_loss(log, labels);
        var probability = log.exp();
        var places = labels.unsqueeze(1);
        var truth = zeros_like(probability)
            .scatter_(1, places, ones(1, device: places.device).expand(places.shape));
        return crossEntropy + 1 - SoftDice(probability, truth)[1..].mean();
    }

    private static Tensor Binary(Tensor logits, Tensor labels)
    {
        var map = logits.to(float32);
        var truth = labels.clamp_max(1).to(float32).unsqueeze(1);
        var crossEntropy = nn.functional.binary_cross_entropy_with_logits(map, truth);
        return crossEntropy + 1 - SoftDice(map.sigmoid(), truth).mean();
    }

    /// <summary>(2·Σpt + 1) / (Σp + Σt + 1) of each channel, sums over batch and space.</summary>
    private static Tensor SoftDice(Tensor probability, Tensor truth)
    {
        long[] overBatchAndSpace = [0, .. Enumerable.Range(2, (int)probability.dim() - 2)];
        var both = (probability * truth).sum(overBatchAndSpace);
        var either = probability.sum(overBatchAndSpace) + truth.sum(overBatchAndSpace);
        return (2 * both + Smooth) / (either + Smooth);
    }
}
