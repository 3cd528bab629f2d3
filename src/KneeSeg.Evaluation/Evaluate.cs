namespace KneeSeg.Evaluation;

/// <summary>Measures files on disk, a case at a time, so that memory holds two volumes only.</summary>
public static class Evaluate
{
    /// <summary>Measures every pair.</summary>
    /// <param name="pairs">At least one.</param>
    /// <param name="labels">The profile's names, the background's first.</param>
    /// <param name="progress">Called before the first case and after each, with how many are done and how many there are.</param>
    /// <exception cref="ProblemException">A file can't be read, or its grid or labels don't fit (exit 3).</exception>
    public static EvaluationSummary Pairs(
        IReadOnlyList<EvaluationPair> pairs,
        IReadOnlyList<string> labels,
        Action<int, int>? progress = null
    )
    {
        List<CaseMetrics> cases = [];
        progress?.Invoke(0, pairs.Count);
        foreach (var pair in pairs)
        {
            cases.Add(
                CaseMetrics.Measure(pair.Id, pair.ReadReference(), pair.ReadPrediction(), labels)
            );
            progress?.Invoke(cases.Count, pairs.Count);
        }
        return EvaluationSummary.Of(cases);
    }
}
