namespace KneeSeg.Inference;

/// <summary>How a network is applied to an image.</summary>
/// <param name="Exact">
/// Exact tiling, equal to predicting the whole image at once, instead of overlapping windows of the training patch size.
/// </param>
/// <param name="Flips">Test-time augmentation: averages over all flips that the training dataset allows.</param>
/// <param name="Memory">The memory limit in bytes beyond the weights; null for all free memory.</param>
public sealed record PredictionMode(bool Exact = false, bool Flips = false, long? Memory = null)
{
    /// <summary>The text stored with predictions.</summary>
    public string Word =>
        (Exact, Flips) switch
        {
            (false, false) => "windows",
            (false, true) => "windows, flips",
            (true, false) => "exact",
            (true, true) => "exact, flips",
        };
}
