using KneeSeg.Runs;

namespace KneeSeg.Experiments.Planning;

/// <summary>A plan with all that led to it.</summary>
/// <param name="Data">The data.</param>
/// <param name="Limits">The limits.</param>
/// <param name="Calibration">What was measured on this machine.</param>
/// <param name="Ranked">The candidates within the limits, the best first.</param>
/// <param name="Best">The chosen one, with the schedule of its measured step.</param>
/// <param name="MeasuredStep">Seconds of its step as measured; null where that would have taken too long.</param>
/// <param name="Decisions">The decisions.</param>
/// <param name="Recipe">The recipe.</param>
/// <param name="Threads">Of the processor.</param>
/// <param name="ElementBytes">Bytes of a number in a feature map.</param>
internal sealed record FinishedPlan(
    PlannedData Data,
    PlanLimits Limits,
    Calibration Calibration,
    IReadOnlyList<Candidate> Ranked,
    Candidate Best,
    double? MeasuredStep,
    IReadOnlyList<Decision> Decisions,
    Recipe Recipe,
    int Threads,
    int ElementBytes
)
{
    /// <summary>The chosen candidate as it was ranked.</summary>
    public Candidate Estimated => Ranked[0];
}
