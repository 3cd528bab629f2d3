namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>All values of a region of one knee, by one reader.</summary>
internal sealed class KneeSeries(IEnumerable<Measurement> measurements)
{
    private readonly Measurement[] inOrder =
    [
        .. measurements.OrderBy(one => one.Visit).ThenBy(one => one.Scan),
    ];

    public string Subject => inOrder[0].Subject;

    public string Knee => inOrder[0].Knee;

    /// <summary>Its visits, ascending.</summary>
    public IEnumerable<int> Visits => inOrder.Select(one => one.Visit).Distinct();

    /// <summary>The values of a visit's scans, in order.</summary>
    public double[] Scans(int visit) =>
        [.. inOrder.Where(one => one.Visit == visit).Select(one => one.Value)];

    /// <summary>The change from the baseline, between the first scans of both visits; null where one is missing.</summary>
    public KneeChange? Change(int visit) =>
        First(0) is { } baseline && First(visit) is { } other
            ? new(
                Subject,
                Knee,
                visit,
                baseline.Value,
                other.Value,
                other.Years - (baseline.Years ?? 0) is > 0 and var years ? years : null
            )
            : null;

    public static IEnumerable<KneeSeries> Of(IEnumerable<Measurement> measurements) =>
        measurements.GroupBy(one => (one.Subject, one.Knee)).Select(knee => new KneeSeries(knee));

    private Measurement? First(int visit) => inOrder.FirstOrDefault(one => one.Visit == visit);
}

/// <summary>The change of a region of one knee since the baseline.</summary>
/// <param name="Subject">Whose knee it is.</param>
/// <param name="Knee">Which of the subject's knees.</param>
/// <param name="Visit">The later visit.</param>
/// <param name="Baseline">The value at the baseline.</param>
/// <param name="FollowUp">The value at the later visit.</param>
/// <param name="Years">The time between them; null where unknown or not positive.</param>
public sealed record KneeChange(
    string Subject,
    string Knee,
    int Visit,
    double Baseline,
    double FollowUp,
    double? Years
)
{
    /// <summary>Follow-up minus baseline; negative is loss.</summary>
    public double Value => FollowUp - Baseline;

    /// <summary>In percent of the baseline; null where that is 0.</summary>
    public double? Percent => Baseline == 0 ? null : 100 * Value / Baseline;

    /// <summary>A year.</summary>
    public double? Annual => Value / Years;

    /// <summary>In percent of the baseline a year; null where that is 0.</summary>
    public double? AnnualPercent => Percent / Years;

    /// <summary>In percent a year, compounded; null where a value is not positive.</summary>
    public double? CompoundPercent =>
        Years is { } years && Baseline > 0 && FollowUp > 0
            ? 100 * (Math.Pow(FollowUp / Baseline, 1 / years) - 1)
            : null;
}
