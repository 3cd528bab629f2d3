namespace KneeSeg.Inference.Files;

/// <summary>How a prediction was made. Equal sources give equal predictions of an image.</summary>
/// <param name="Network">The network's name; those of an ensemble with commas between.</param>
/// <param name="Checkpoint">SHA-256 of the checkpoint's file; of an ensemble, of its members' together.</param>
/// <param name="Precision">The precision: fp32 or bf16.</param>
/// <param name="Mode"><see cref="PredictionMode.Word" />.</param>
/// <param name="Postprocessing"><see cref="Inference.LabelRules.Postprocessing.Word" />; empty for none.</param>
public sealed record PredictionSource(
    string Network,
    string Checkpoint,
    string Precision,
    string Mode = "windows",
    string Postprocessing = ""
);
