namespace KneeSeg.Runs;

/// <summary>What is averaged where windows overlap, and over flips and the networks of an ensemble.</summary>
public enum WindowAverage
{
    /// <summary>
    /// Probabilities. The weights of a window are a Gaussian around its middle; beyond the image is the image's darkest value.
    /// </summary>
    Probabilities,

    /// <summary>
    /// Logits, as in nnU-Net. The Gaussian is around voxel n / 2 of n, rounded down; beyond the image are zeros.
    /// </summary>
    Logits,
}
