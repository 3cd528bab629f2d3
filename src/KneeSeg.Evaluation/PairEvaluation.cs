using KneeSeg.Imaging;

namespace KneeSeg.Evaluation;

/// <summary>Evaluates files on disk, one case at a time to save memory.</summary>
public static class PairEvaluation
{
    /// <summary>Evaluates every pair. Failed pairs are recorded and the others evaluated.</summary>
    /// <param name="pairs">At least one.</param>
    /// <param name="labels">The profile's names, the background's first.</param>
    /// <param name="progress">Called before the first case and after each, with how many are done and how many there are.</param>
    /// <param name="regions">Further unions of structures to measure.</param>
    /// <param name="warn">Receives warnings about files, once for all that share one.</param>
    /// <exception cref="ProblemException">No pair can be evaluated; the first one's problem (exit 3).</exception>
    public static EvaluationSummary Pairs(
        IReadOnlyList<EvaluationPair> pairs,
        IReadOnlyList<string> labels,
        Action<int, int>? progress = null,
        Action<string>? warn = null,
        IReadOnlyList<NamedRegion>? regions = null
    )
    {
        List<CaseMetrics> cases = [];
        List<FailedCase> failed = [];
        ProblemException? first = null;
        var warnings = new FileWarnings();
        progress?.Invoke(0, pairs.Count);
        foreach (var pair in pairs)
        {
            try
            {
                var (reference, prediction) = pair.Read(labels, warnings);
                cases.Add(
                    CaseMetrics.Measure(
                        pair.Id,
                        reference,
                        prediction,
                        labels,
                        pair.Binarized ? null : pair.Source?.Groups,
                        regions
                    )
                );
            }
            catch (ProblemException e) when (e.Exit == ExitCode.Data)
            {
                first ??= e;
                failed.Add(new(pair.Id, e.Where, e.What, e.Fix));
            }
            progress?.Invoke(cases.Count + failed.Count, pairs.Count);
        }
        warnings.Report(warn ?? (_ => { }));
        return cases is [] && first is not null
            ? throw first
            : EvaluationSummary.Of(cases) with
            {
                Failed = failed,
            };
    }
}
