namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>
/// The femorotibial regions of the standard nomenclature (Eckstein et al. 2006): which of them a knee's ordered values are of.
/// </summary>
public static class FemorotibialRegions
{
    /// <summary>The medial subregions: tibia, then the weight-bearing femur.</summary>
    public static IReadOnlyList<string> Medial { get; } =
    ["cMT", "eMT", "iMT", "aMT", "pMT", "ecMF", "ccMF", "icMF"];

    /// <summary>The lateral subregions.</summary>
    public static IReadOnlyList<string> Lateral { get; } =
    ["cLT", "eLT", "iLT", "aLT", "pLT", "ecLF", "ccLF", "icLF"];

    private static readonly string[] Plates = ["MT", "LT", "cMF", "cLF"];

    /// <summary>The name without the C that some files end it with: MTC is MT.</summary>
    public static string Standard(string region) =>
        region.EndsWith('C') && IsKnown(region[..^1]) ? region[..^1] : region;

    /// <summary>
    /// The regions that partition a knee: those of the 16 subregions that there are; without any, the four plates; without
    /// these, all. So nothing counts twice, neither a plate with its parts nor a compartment with its plates.
    /// </summary>
    internal static IReadOnlyList<string> Partition(IReadOnlyList<string> regions)
    {
        IReadOnlyList<string> Among(IEnumerable<string> names) =>
            [.. regions.Where(region => names.Contains(Standard(region)))];
        return Among(Medial.Concat(Lateral)) is { Count: > 0 } parts ? parts
            : Among(Plates) is { Count: > 0 } plates ? plates
            : regions;
    }

    private static bool IsKnown(string region) =>
        Medial.Contains(region) || Lateral.Contains(region) || Plates.Contains(region);
}

/// <summary>A knee's changes in order, whatever their regions (Buck et al. 2009), and their sums by sign.</summary>
/// <param name="Regions">The regions, by ascending change: the largest loss first.</param>
/// <param name="Values">Their changes.</param>
public sealed record OrderedValues(IReadOnlyList<string> Regions, IReadOnlyList<double> Values)
{
    /// <summary>The sum of the negative changes.</summary>
    public double ThinningScore => Values.Where(change => change < 0).Sum();

    /// <summary>The sum of the positive changes.</summary>
    public double ThickeningScore => Values.Where(change => change > 0).Sum();

    /// <summary>Of some regions' changes; null where there are none.</summary>
    internal static OrderedValues? Of(IEnumerable<(string Region, double Change)> changes)
    {
        var sorted = changes.OrderBy(one => one.Change).ToArray();
        return sorted.Length == 0
            ? null
            : new([.. sorted.Select(one => one.Region)], [.. sorted.Select(one => one.Change)]);
    }
}

/// <summary>The ordered values of one knee at one visit.</summary>
/// <param name="Subject">Whose knee it is.</param>
/// <param name="Knee">Which of the subject's knees.</param>
/// <param name="Reader">Who or what measured it; null where all is of one reader.</param>
/// <param name="Visit">The later visit.</param>
/// <param name="Complete">Whether it has all regions that any knee has; only such knees are compared by rank.</param>
/// <param name="All">Over all regions.</param>
/// <param name="Medial">Over the medial subregions; null without any.</param>
/// <param name="Lateral">Over the lateral subregions; null without any.</param>
public sealed record KneeOrder(
    string Subject,
    string Knee,
    string? Reader,
    int Visit,
    bool Complete,
    OrderedValues All,
    OrderedValues? Medial,
    OrderedValues? Lateral
)
{
    internal static IEnumerable<KneeOrder> Of(IReadOnlyList<RegionStatistics> regions)
    {
        var names = FemorotibialRegions.Partition([
            .. regions.Select(one => one.Region).Distinct(),
        ]);
        return from region in regions
            where names.Contains(region.Region)
            from change in region.Changes
            group (region.Region, Change: change.Value) by (
                change.Subject,
                change.Knee,
                region.Reader,
                change.Visit
            ) into knee
            orderby knee.Key.Visit
            select new KneeOrder(
                knee.Key.Subject,
                knee.Key.Knee,
                knee.Key.Reader,
                knee.Key.Visit,
                knee.Count() == names.Count,
                OrderedValues.Of(knee)!,
                Side(knee, FemorotibialRegions.Medial),
                Side(knee, FemorotibialRegions.Lateral)
            );
    }

    private static OrderedValues? Side(
        IEnumerable<(string Region, double Change)> changes,
        IReadOnlyList<string> side
    ) =>
        OrderedValues.Of(
            changes.Where(one => side.Contains(FemorotibialRegions.Standard(one.Region)))
        );
}

/// <summary>Ordered values over knees, rank by rank.</summary>
/// <param name="Reader">Who or what measured; null where all is of one reader.</param>
/// <param name="Visit">The later visit.</param>
/// <param name="N">Complete knees.</param>
/// <param name="Mean">Their mean at each rank, the largest loss first.</param>
/// <param name="Sd">Their standard deviation; null of a single knee.</param>
public sealed record RankStatistics(
    string? Reader,
    int Visit,
    int N,
    IReadOnlyList<double> Mean,
    IReadOnlyList<double>? Sd
)
{
    internal static IEnumerable<RankStatistics> Of(IEnumerable<KneeOrder> knees) =>
        from knee in knees
        where knee.Complete
        group knee.All.Values by (knee.Reader, knee.Visit) into visit
        select Of(visit.Key.Reader, visit.Key.Visit, [.. visit]);

    private static RankStatistics Of(
        string? reader,
        int visit,
        IReadOnlyList<IReadOnlyList<double>> knees
    )
    {
        double[][] ranks =
        [
            .. Enumerable
                .Range(0, knees[0].Count)
                .Select(rank => knees.Select(knee => knee[rank]).ToArray()),
        ];
        return new(
            reader,
            visit,
            knees.Count,
            [.. ranks.Select(rank => rank.Average())],
            knees.Count > 1 ? [.. ranks.Select(Spread.Sd)] : null
        );
    }
}
