using System.Text.Json.Serialization;
using MathNet.Numerics.Distributions;

namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>
/// The change of a region between the baseline and a later visit, over knees. Negative is loss. What cannot be computed is null,
/// and <see cref="Reasons"/> says why.
/// </summary>
public sealed record ChangeStatistics
{
    /// <summary>The later visit.</summary>
    public int? FollowUpVisit { get; private init; }

    /// <summary>Knees with both visits.</summary>
    public int NChange { get; private init; }

    /// <summary>Subjects with such a knee.</summary>
    public int NSubjects { get; private init; }

    /// <summary>Mean at the baseline, of these knees.</summary>
    public double? MeanBaseline { get; private init; }

    /// <summary>Mean at the later visit.</summary>
    public double? MeanFollowUp { get; private init; }

    /// <summary>Mean change.</summary>
    public double? MeanChange { get; private init; }

    /// <summary>Its 95 % interval, by Student's t.</summary>
    public Interval? MeanChangeCi { get; private init; }

    /// <summary>The standard deviation of the change (n - 1).</summary>
    public double? SdChange { get; private init; }

    /// <summary>Standardized response mean: <see cref="MeanChange"/>/<see cref="SdChange"/>.</summary>
    public double? Srm { get; private init; }

    /// <summary>Its 95 % interval by bootstrap over subjects.</summary>
    public Interval? SrmCi { get; private init; }

    /// <summary>Its 95 % interval by the noncentral t distribution, as if knees were independent.</summary>
    public Interval? SrmCiT { get; private init; }

    /// <summary>Its standard error by jackknife over subjects.</summary>
    public double? SrmJackknifeSe { get; private init; }

    /// <summary>Student's paired t.</summary>
    public double? PairedT { get; private init; }

    /// <summary>Its two-sided p-value.</summary>
    public double? PairedP { get; private init; }

    /// <summary>Wilcoxon's signed-rank statistic: the smaller sum of ranks.</summary>
    public double? WilcoxonW { get; private init; }

    /// <summary>Its two-sided p-value, exact for up to 50 changes.</summary>
    public double? WilcoxonP { get; private init; }

    /// <summary>Mean of the knees' changes in percent of their baselines.</summary>
    public double? MeanPercentChange { get; private init; }

    /// <summary>Knees whose time between the visits is known.</summary>
    public int NAnnual { get; private init; }

    /// <summary>Mean time between the visits.</summary>
    public double? MeanYears { get; private init; }

    /// <summary>Mean of the knees' changes a year.</summary>
    public double? MeanAnnualChange { get; private init; }

    /// <summary>Mean of the knees' changes a year in percent of their baselines.</summary>
    public double? MeanAnnualPercent { get; private init; }

    /// <summary><see cref="MeanAnnualChange"/> in percent of the mean baseline: a ratio of means.</summary>
    public double? AnnualPercentOfMeans { get; private init; }

    /// <summary>Mean of the knees' changes a year in percent, compounded.</summary>
    public double? CompoundAnnualPercent { get; private init; }

    /// <summary>Standardized response mean of the changes a year.</summary>
    public double? SrmAnnual { get; private init; }

    /// <summary>Knees with a loss beyond the smallest detectable change.</summary>
    public int? LossBySdc { get; private init; }

    /// <summary>Knees with neither.</summary>
    public int? StableBySdc { get; private init; }

    /// <summary>Knees with a gain beyond it.</summary>
    public int? GainBySdc { get; private init; }

    /// <summary><see cref="LossBySdc"/> in percent of the knees.</summary>
    public double? LossBySdcPercent { get; private init; }

    /// <summary><see cref="StableBySdc"/> in percent of the knees.</summary>
    public double? StableBySdcPercent { get; private init; }

    /// <summary><see cref="GainBySdc"/> in percent of the knees.</summary>
    public double? GainBySdcPercent { get; private init; }

    /// <summary>Why a field is null, by its name in JSON.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Reasons { get; private init; } =
        new Dictionary<string, string>();

    /// <summary>Of knees.</summary>
    /// <param name="changes">At one visit, one for each knee.</param>
    /// <param name="sdc">The smallest detectable change; null where unknown.</param>
    internal static ChangeStatistics Of(IReadOnlyList<KneeChange> changes, double? sdc)
    {
        if (changes.Count == 0)
            return new()
            {
                Reasons = new Dictionary<string, string>
                {
                    ["change"] = "no knee has both the baseline (visit 0) and a later visit",
                },
            };
        double[] values = [.. changes.Select(one => one.Value)];
        Dictionary<string, string> reasons = [];
        var (signed, mean) = (SignedRank.Of(values)!, values.Average());
        if (changes.Any(one => one.Percent is null))
            reasons["meanPercentChange"] = "the baseline of a knee is 0";
        return new ChangeStatistics
        {
            FollowUpVisit = changes[0].Visit,
            NChange = changes.Count,
            NSubjects = changes.Select(one => one.Subject).Distinct().Count(),
            MeanBaseline = changes.Average(one => one.Baseline),
            MeanFollowUp = changes.Average(one => one.FollowUp),
            MeanChange = mean,
            WilcoxonW = signed.W,
            WilcoxonP = signed.P,
            MeanPercentChange = MeanOfAll(changes, one => one.Percent),
            Reasons = reasons,
        }
            .WithSpread(changes, values, reasons)
            .WithRates([.. changes.Where(one => one.Years is not null)], reasons)
            .WithProgression(values, sdc, reasons);
    }

    private ChangeStatistics WithSpread(
        IReadOnlyList<KneeChange> changes,
        double[] values,
        Dictionary<string, string> reasons
    )
    {
        if (values.Length < 2)
        {
            reasons["sdChange"] = "one knee has both visits, and spread takes two";
            return this;
        }
        var (n, sd) = (values.Length, Spread.Sd(values));
        var error = sd / Math.Sqrt(n);
        var spread = this with
        {
            SdChange = sd,
            MeanChangeCi = Spread.Around(
                MeanChange!.Value,
                StudentT.InvCDF(0, 1, n - 1, 0.975) * error
            ),
        };
        if (Srms(values) is not { } srm)
        {
            reasons["srm"] = "all knees change alike";
            return spread;
        }
        double[][] subjects =
        [
            .. changes
                .GroupBy(one => one.Subject)
                .Select(subject => subject.Select(one => one.Value).ToArray()),
        ];
        if (subjects.Length < 2)
            reasons["srmCi"] = "the bootstrap takes two subjects";
        var t = srm * Math.Sqrt(n);
        var center = NoncentralT.Noncentrality(t, n - 1);
        return spread with
        {
            Srm = srm,
            SrmCi = SubjectBootstrap.Srm(subjects),
            SrmCiT = new(center.Low / Math.Sqrt(n), center.High / Math.Sqrt(n)),
            SrmJackknifeSe = Jackknife(subjects),
            PairedT = t,
            PairedP = 2 * StudentT.CDF(0, 1, n - 1, -Math.Abs(t)),
        };
    }

    private ChangeStatistics WithRates(
        IReadOnlyList<KneeChange> timed,
        Dictionary<string, string> reasons
    )
    {
        if (timed.Count == 0)
        {
            reasons["meanAnnualChange"] = "no knee has years between its visits";
            return this;
        }
        double[] rates = [.. timed.Select(one => one.Annual!.Value)];
        var baseline = timed.Average(one => one.Baseline);
        return this with
        {
            NAnnual = timed.Count,
            MeanYears = timed.Average(one => one.Years!.Value),
            MeanAnnualChange = rates.Average(),
            MeanAnnualPercent = MeanOfAll(timed, one => one.AnnualPercent),
            AnnualPercentOfMeans = baseline == 0 ? null : 100 * rates.Average() / baseline,
            CompoundAnnualPercent = MeanOfAll(timed, one => one.CompoundPercent),
            SrmAnnual = Srms(rates),
        };
    }

    private ChangeStatistics WithProgression(
        double[] values,
        double? sdc,
        Dictionary<string, string> reasons
    )
    {
        if (sdc is not { } least)
        {
            reasons["lossBySdc"] =
                "without repeated scans the smallest detectable change is unknown";
            return this;
        }
        var (loss, gain) = (values.Count(c => c < -least), values.Count(c => c > least));
        double Percent(int knees) => 100.0 * knees / values.Length;
        return this with
        {
            LossBySdc = loss,
            StableBySdc = values.Length - loss - gain,
            GainBySdc = gain,
            LossBySdcPercent = Percent(loss),
            StableBySdcPercent = Percent(values.Length - loss - gain),
            GainBySdcPercent = Percent(gain),
        };
    }

    // Null as soon as one knee has none: a mean over the others would not be that of the same knees.
    private static double? MeanOfAll(
        IReadOnlyList<KneeChange> changes,
        Func<KneeChange, double?> of
    ) => changes.All(one => of(one) is not null) ? changes.Average(of) : null;

    private static double? Srms(double[] changes) =>
        changes.Length > 1 && Spread.Sd(changes) is var sd && sd > 1e-9 * changes.Max(Math.Abs)
            ? changes.Average() / sd
            : null;

    // Null where all but one subject change alike, or there is but one.
    private static double? Jackknife(double[][] subjects)
    {
        var n = subjects.Length;
        double[] without =
        [
            .. Enumerable
                .Range(0, n)
                .Select(left => Srms([.. subjects.Where((_, i) => i != left).SelectMany(c => c)]))
                .OfType<double>(),
        ];
        return n > 1 && without.Length == n ? Spread.Sd(without) * (n - 1) / Math.Sqrt(n) : null;
    }
}
