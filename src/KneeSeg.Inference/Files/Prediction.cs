using KneeSeg.Imaging;

namespace KneeSeg.Inference.Files;

/// <summary>The prediction for an image, on its own grid.</summary>
/// <param name="Labels">The most probable class of each voxel.</param>
/// <param name="Probabilities">
/// Of each foreground class, quantized to 16 bits to save memory; empty unless requested.
/// </param>
/// <param name="Uncertainty">
/// The normalized entropy of a voxel's probabilities: 0 if one class is certain, 1 if all are equal; null unless requested.
/// </param>
internal sealed record Prediction(
    Volume<byte> Labels,
    IReadOnlyList<Volume<ushort>> Probabilities,
    Volume<float>? Uncertainty
);
