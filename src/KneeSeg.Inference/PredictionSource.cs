namespace KneeSeg.Inference;

/// <summary>What a prediction was made with. Two of equal source and of one image are the same prediction.</summary>
/// <param name="Network">The network's name; those of an ensemble with commas between.</param>
/// <param name="Checkpoint">SHA-256 of the checkpoint's file; of an ensemble, of its members' together.</param>
/// <param name="Precision">What the network computed in: fp32 or bf16.</param>
/// <param name="Mode">How it went over the image, as <see cref="PredictionMode.Word" /> says.</param>
/// <param name="Postprocessing">What was done to the labels then; empty for nothing.</param>
public sealed record PredictionSource(
    string Network,
    string Checkpoint,
    string Precision,
    string Mode = "windows",
    string Postprocessing = ""
);
