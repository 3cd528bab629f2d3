using KneeSeg.Imaging;

namespace KneeSeg.Inference;

/// <summary>What is said about an image, on its own grid.</summary>
/// <param name="Labels">The most probable class of each voxel.</param>
/// <param name="Probabilities">
/// Of each class but the background, in 65535ths so that all of them fit into memory; empty unless wanted.
/// </param>
/// <param name="Uncertainty">
/// The entropy of a voxel's probabilities over its greatest: 0 where one class is certain, 1 where all are alike; null
/// unless wanted.
/// </param>
internal sealed record Prediction(
    Volume<byte> Labels,
    IReadOnlyList<Volume<ushort>> Probabilities,
    Volume<float>? Uncertainty
);
