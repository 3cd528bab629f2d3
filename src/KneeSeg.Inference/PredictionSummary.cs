using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Inference;

/// <summary>The result of a prediction job.</summary>
/// <param name="Predicted">The number of new predictions.</param>
/// <param name="Skipped">The number of existing predictions that were kept.</param>
/// <param name="Problems">One for each failed image.</param>
/// <param name="Changes">Changes by post-processing in new predictions.</param>
public sealed record PredictionSummary(
    int Predicted,
    int Skipped,
    IReadOnlyList<ProblemException> Problems,
    IReadOnlyList<LabelChange> Changes
)
{
    /// <summary>The command's exit code.</summary>
    public ExitCode Exit => Problems.Count == 0 ? ExitCode.Done : ExitCode.Data;
}
