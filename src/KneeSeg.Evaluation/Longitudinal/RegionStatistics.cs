namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>Everything about one region, by one reader.</summary>
/// <param name="Region">Its name.</param>
/// <param name="Reader">Who or what measured it; null where all is of one reader.</param>
/// <param name="N">Knees with any value.</param>
/// <param name="RepeatVisit">The earliest visit that was repeated; null where none was.</param>
/// <param name="Repeats">Test and retest at that visit.</param>
/// <param name="RmsSdAllVisits">RMS SD over the repeats of all visits.</param>
/// <param name="RmsSdAllVisitsDf">Its degrees of freedom.</param>
/// <param name="Visits">Change at each later visit, ascending.</param>
public sealed record RegionStatistics(
    string Region,
    string? Reader,
    int N,
    int? RepeatVisit,
    Repeatability Repeats,
    double? RmsSdAllVisits,
    int? RmsSdAllVisitsDf,
    IReadOnlyList<ChangeStatistics> Visits
)
{
    /// <summary>The knees' repeated values at <see cref="RepeatVisit"/>.</summary>
    public IReadOnlyList<double[]> Repeated { get; private init; } = [];

    /// <summary>The knees' changes at all later visits.</summary>
    public IReadOnlyList<KneeChange> Changes { get; private init; } = [];

    /// <summary>Change at the last visit.</summary>
    public ChangeStatistics Change => Visits.Count > 0 ? Visits[^1] : ChangeStatistics.Of([], null);

    internal static RegionStatistics Of(
        string region,
        string? reader,
        IReadOnlyList<KneeSeries> knees
    )
    {
        int[] visits = [.. knees.SelectMany(knee => knee.Visits).Distinct().Order()];
        var repeats = visits
            .Select(visit => (Visit: visit, Knees: RepeatsOf(knees, visit)))
            .Where(visit => visit.Knees.Length > 0)
            .ToArray();
        var repeated = repeats is [var first, ..] ? first.Knees : [];
        var repeatability = Repeatability.Of(repeated, "no knee has two scans of a visit");
        var everywhere = Repeatability.Of([.. repeats.SelectMany(visit => visit.Knees)], "");
        KneeChange[][] changes =
        [
            .. visits
                .Where(visit => visit > 0)
                .Select(visit => knees.Select(knee => knee.Change(visit)).OfType<KneeChange>())
                .Select(visit => visit.ToArray())
                .Where(visit => visit.Length > 0),
        ];
        return new(
            region,
            reader,
            knees.Count,
            repeats.Length == 0 ? null : repeats[0].Visit,
            repeatability,
            everywhere.RmsSd,
            repeats.Length == 0
                ? null
                : repeats.Sum(visit => visit.Knees.Sum(one => one.Length - 1)),
            [.. changes.Select(visit => ChangeStatistics.Of(visit, repeatability.Sdc95))]
        )
        {
            Repeated = repeated,
            Changes = [.. changes.SelectMany(visit => visit)],
        };
    }

    private static double[][] RepeatsOf(IReadOnlyList<KneeSeries> knees, int visit) =>
        [.. knees.Select(knee => knee.Scans(visit)).Where(scans => scans.Length > 1)];
}

/// <summary>How two readers agree about a region, one scan of each knee.</summary>
/// <param name="Region">Its name.</param>
/// <param name="First">The first reader.</param>
/// <param name="Second">The second reader; differences are first minus second.</param>
/// <param name="Of"><c>value</c>: each knee's first scan that both have; <c>change</c>: that of the last visit.</param>
/// <param name="Measures">The statistics, readers in place of scans.</param>
public sealed record ReaderAgreement(
    string Region,
    string First,
    string Second,
    string Of,
    Repeatability Measures
)
{
    /// <summary>Each knee's values by both.</summary>
    public IReadOnlyList<double[]> Pairs { get; private init; } = [];

    internal static IEnumerable<ReaderAgreement> Between(
        string region,
        IReadOnlyList<Measurement> first,
        IReadOnlyList<Measurement> second
    )
    {
        ReaderAgreement Agree(string of, double[][] pairs) =>
            new(
                region,
                first[0].Reader!,
                second[0].Reader!,
                of,
                Repeatability.Of(pairs, $"the readers have no {of} of the same knee")
            )
            {
                Pairs = pairs,
            };
        yield return Agree(
            "value",
            [
                .. first
                    .Join(
                        second,
                        Place,
                        Place,
                        (a, b) => (One: a, Values: new[] { a.Value, b.Value })
                    )
                    .GroupBy(both => (both.One.Subject, both.One.Knee))
                    .Select(knee => knee.MinBy(both => (both.One.Visit, both.One.Scan)).Values),
            ]
        );
        double[][] changes =
        [
            .. Changes(first)
                .Join(
                    Changes(second),
                    Place,
                    Place,
                    (a, b) => (One: a, Values: new[] { a.Value, b.Value })
                )
                .GroupBy(both => both.One.Visit)
                .MaxBy(visit => visit.Key)
                ?.Select(both => both.Values)
                ?? [],
        ];
        if (changes.Length > 0 && Agree("change", changes) is var agreed)
            yield return agreed with
            {
                Measures = agreed.Measures.WithoutPercent(),
            };
    }

    private static IEnumerable<KneeChange> Changes(IReadOnlyList<Measurement> measurements) =>
        from knee in KneeSeries.Of(measurements)
        from visit in knee.Visits
        where visit > 0
        select knee.Change(visit) into change
        where change is not null
        select change;

    private static object Place(Measurement one) => (one.Subject, one.Knee, one.Visit, one.Scan);

    private static object Place(KneeChange one) => (one.Subject, one.Knee, one.Visit);
}
