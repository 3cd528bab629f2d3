namespace KneeSeg.Inference;

/// <summary>What a prediction was made with. Two of equal source are the same prediction.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Checkpoint">SHA-256 of the checkpoint's file.</param>
/// <param name="Precision">What the network computed in.</param>
public sealed record PredictionSource(string Network, string Checkpoint, string Precision);
