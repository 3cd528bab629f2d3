namespace KneeSeg.Inference;

/// <summary>How a network goes over an image.</summary>
/// <param name="Exact">
/// In tiles that answer together as the whole image at once, instead of in overlapping windows of the trained size.
/// </param>
/// <param name="Flips">Mirrored in every way that the training's dataset allows, too, and averaged.</param>
/// <param name="Memory">Bytes that predicting may take beyond the weights; null for what is free.</param>
public sealed record PredictionMode(bool Exact = false, bool Flips = false, long? Memory = null)
{
    /// <summary>As it is kept beside predictions: what changes them.</summary>
    public string Word =>
        (Exact, Flips) switch
        {
            (false, false) => "windows",
            (false, true) => "windows, flips",
            (true, false) => "exact",
            (true, true) => "exact, flips",
        };
}
