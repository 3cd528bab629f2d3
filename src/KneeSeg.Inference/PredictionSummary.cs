namespace KneeSeg.Inference;

/// <summary>What became of the images that were to be predicted.</summary>
/// <param name="Predicted">How many were predicted now.</param>
/// <param name="Skipped">How many were there from before, whole and from the same checkpoint.</param>
/// <param name="Problems">One for each image that has no prediction.</param>
/// <param name="Changes">What post-processing did to those that were predicted now.</param>
public sealed record PredictionSummary(
    int Predicted,
    int Skipped,
    IReadOnlyList<ProblemException> Problems,
    IReadOnlyList<LabelChange> Changes
)
{
    /// <summary>What the command ends with.</summary>
    public ExitCode Exit => Problems.Count == 0 ? ExitCode.Done : ExitCode.Data;
}
