using KneeSeg.Inference.Files;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>What networks output, as people read it.</summary>
internal static class OutputValues
{
    /// <summary>The probabilities of each class; a single logit gives background and foreground.</summary>
    public static Tensor Probabilities(Tensor logits)
    {
        if (logits.shape[1] > 1)
            return nn.functional.softmax(logits, 1);
        var present = sigmoid(logits);
        return cat([1 - present, present], 1);
    }

    /// <summary>
    /// The values of each part <c>[N, P, …]</c>: distances in mm, or probabilities; maps as large as the network's own output.
    /// </summary>
    /// <param name="output">The output.</param>
    /// <param name="raw">As the network computes it.</param>
    /// <param name="size">Of the network's own output.</param>
    public static Tensor Of(PredictedOutput output, Tensor raw, long[] size)
    {
        var isPerLabel = raw.shape[1] > 1;
        var target = output.Output.Target;
        if (target.IsPresence)
            return raw.shape[1] == 2 ? Foreground(nn.functional.softmax(raw, 1))
                : isPerLabel ? Foreground(sigmoid(raw))
                : sigmoid(raw);
        var values =
            target.IsLabels ? Foreground(Probabilities(raw))
            : isPerLabel ? Foreground(raw)
            : raw;
        return values.shape[2..].SequenceEqual(size)
            ? values
            : nn.functional.interpolate(
                values,
                size,
                mode: size.Length == 3 ? InterpolationMode.Trilinear : InterpolationMode.Bilinear,
                align_corners: false
            );
    }

    private static Tensor Foreground(Tensor byClass) => byClass.narrow(1, 1, byClass.shape[1] - 1);
}
