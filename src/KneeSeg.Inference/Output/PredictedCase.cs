namespace KneeSeg.Inference;

/// <summary>What <c>predictions.json</c> says of a case.</summary>
/// <param name="Source">What it was made with.</param>
/// <param name="File">The labels' file in the folder.</param>
/// <param name="Changes">What post-processing did.</param>
internal sealed record PredictedCase(
    PredictionSource Source,
    string File,
    IReadOnlyList<Change> Changes
);
