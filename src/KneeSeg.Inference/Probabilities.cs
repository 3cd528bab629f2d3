using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>Class probabilities of a batch of patches.</summary>
internal static class Probabilities
{
    /// <summary>The probabilities of each class; a single channel gives background and foreground.</summary>
    /// <param name="network">In evaluation mode.</param>
    /// <param name="image"><c>[N, 1, (D,) H, W]</c>.</param>
    /// <param name="position"><c>[N, 3]</c>.</param>
    /// <param name="precision">The precision.</param>
    /// <returns><c>[N, C, (D,) H, W]</c> as float32, on the CPU.</returns>
    /// <exception cref="ProblemException">The network outputs non-finite values (exit 7).</exception>
    public static Tensor Of(
        TorchNetwork network,
        Tensor image,
        Tensor position,
        Precision precision
    )
    {
        using var quiet = no_grad();
        using var computing = Autocast.Enter(precision);
        using var logits = network.forward(image, position);
        var probabilities = Normalized(logits).cpu().contiguous();
        // All are at most 1, so the sum is finite if all are.
        return float.IsFinite(probabilities.sum().item<float>())
            ? probabilities
            : throw new ProblemException(
                ExitCode.Numerics,
                network.Graph.Name,
                "its output is not finite",
                "Predict with --precision fp32; if that does not help, train again at a lower learning rate"
            );
    }

    private static Tensor Normalized(Tensor logits)
    {
        if (logits.shape[1] > 1)
            return nn.functional.softmax(logits, 1);
        var present = sigmoid(logits);
        return cat([1 - present, present], 1);
    }
}
