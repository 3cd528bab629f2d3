using System.Text.Json.Serialization;
using MathNet.Numerics.Distributions;

namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>
/// How well measurements of the same knees agree: repeated scans of one visit, or two readers of the same scans. What cannot be
/// computed is null, and <see cref="Reasons"/> says why.
/// </summary>
public sealed record Repeatability
{
    // Bland and Altman's own factor, kept for limits and the smallest detectable change.
    private const double Limits = 1.96;
    private static readonly double Normal95 = Normal.InvCDF(0, 1, 0.975);

    /// <summary>Knees with at least two scans.</summary>
    public int NRepeats { get; private init; }

    /// <summary>Scans of each that ICC and SEM use.</summary>
    public int? RepeatScans { get; private init; }

    /// <summary>Root mean square of the knees' standard deviations (Glüer et al. 1995).</summary>
    public double? RmsSd { get; private init; }

    /// <summary>Its 95 % interval, by χ² with a degree of freedom for each scan after a knee's first.</summary>
    public Interval? RmsSdCi { get; private init; }

    /// <summary>Root mean square of the knees' coefficients of variation, in percent.</summary>
    public double? RmsCvPercent { get; private init; }

    /// <summary><see cref="RmsSd"/> in percent of the mean over all knees: another number than <see cref="RmsCvPercent"/>.</summary>
    public double? RmsSdOverMeanPercent { get; private init; }

    /// <summary>The standard deviation of the difference between the first two scans.</summary>
    public double? SdDifference { get; private init; }

    /// <summary>Standard error of measurement, √MSE: for two scans <see cref="SdDifference"/>/√2. Without bias.</summary>
    public double? Sem { get; private init; }

    /// <summary>Smallest detectable change, 1.96·√2·<see cref="Sem"/>.</summary>
    public double? Sdc95 { get; private init; }

    /// <summary>Least significant change, 2.77·<see cref="RmsSd"/>: with bias.</summary>
    public double? Lsc95 { get; private init; }

    /// <summary>Mean difference, first scan minus second (Bland and Altman 1999).</summary>
    public double? BaBias { get; private init; }

    /// <summary>Its 95 % interval.</summary>
    public Interval? BaBiasCi { get; private init; }

    /// <summary>The 95 % limits of agreement.</summary>
    public Interval? BaLimits { get; private init; }

    /// <summary>The 95 % interval of the lower limit.</summary>
    public Interval? BaLowerCi { get; private init; }

    /// <summary>The 95 % interval of the upper limit.</summary>
    public Interval? BaUpperCi { get; private init; }

    /// <summary>The mean square between knees.</summary>
    public double? Msr { get; private init; }

    /// <summary>The mean square between scans.</summary>
    public double? Msc { get; private init; }

    /// <summary>The mean square of the error.</summary>
    public double? Mse { get; private init; }

    /// <summary>ICC(2,1): absolute agreement of single scans.</summary>
    public double? Icc21 { get; private init; }

    /// <summary>Its 95 % interval.</summary>
    public Interval? Icc21Ci { get; private init; }

    /// <summary>ICC(3,1): consistency of single scans.</summary>
    public double? Icc31 { get; private init; }

    /// <summary>Its 95 % interval.</summary>
    public Interval? Icc31Ci { get; private init; }

    /// <summary>Why a field is null, by its name in JSON.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Reasons { get; private init; } =
        new Dictionary<string, string>();

    /// <summary>For values that are changes, around 0: without what is in percent of their mean.</summary>
    internal Repeatability WithoutPercent() =>
        this with
        {
            RmsCvPercent = null,
            RmsSdOverMeanPercent = null,
            Reasons = new Dictionary<string, string>(Reasons)
            {
                ["rmsCvPercent"] = "changes have no coefficient of variation",
            },
        };

    /// <summary>Of knees with two or more values each.</summary>
    /// <param name="knees">A knee's values, in the same order of scans or readers.</param>
    /// <param name="none">What to say where there are no knees.</param>
    internal static Repeatability Of(IReadOnlyList<double[]> knees, string none)
    {
        if (knees.Count == 0)
            return new() { Reasons = new Dictionary<string, string> { ["repeatability"] = none } };
        var rms = RootMeanSquare(knees.Select(Spread.Sd));
        var mean = knees.Average(scans => scans.Average());
        double[] relative =
        [
            .. knees.Select(scans => Spread.Sd(scans) / Math.Abs(scans.Average())),
        ];
        double freedom = knees.Sum(scans => scans.Length - 1);
        Dictionary<string, string> reasons = [];
        double? cv = 100 * RootMeanSquare(relative);
        if (!double.IsFinite(cv.Value))
            (cv, reasons["rmsCvPercent"]) = (null, "the mean of a knee is 0");
        var only = new Repeatability
        {
            NRepeats = knees.Count,
            RmsSd = rms,
            RmsSdCi = new(
                rms * Math.Sqrt(freedom / ChiSquared.InvCDF(freedom, 0.975)),
                rms * Math.Sqrt(freedom / ChiSquared.InvCDF(freedom, 0.025))
            ),
            RmsCvPercent = cv,
            RmsSdOverMeanPercent = mean == 0 ? null : 100 * rms / Math.Abs(mean),
            Lsc95 = Normal95 * Math.Sqrt(2) * rms,
            BaBias = knees.Average(scans => scans[0] - scans[1]),
            Reasons = reasons,
        };
        if (knees.Count > 1)
            return only.With(knees, reasons);
        reasons["sem"] = "one knee has repeats: SEM, SDC, limits of agreement and ICC take two";
        return only;
    }

    private Repeatability With(IReadOnlyList<double[]> knees, Dictionary<string, string> reasons)
    {
        var n = knees.Count;
        var scans = knees.Min(knee => knee.Length);
        var anova = TwoWayAnova.Of([.. knees.Select(knee => knee[..scans])]);
        var sd = Spread.Sd([.. knees.Select(knee => knee[0] - knee[1])]);
        var (sem, bias) = (Math.Sqrt(anova.Error), BaBias!.Value);
        var t = StudentT.InvCDF(0, 1, n - 1, 0.975);
        var ofLimit = t * sd * Math.Sqrt(1.0 / n + Limits * Limits / (2 * (n - 1)));
        var (lower, upper) = (bias - Limits * sd, bias + Limits * sd);
        if (anova.Agreement is null)
            reasons["icc21"] = "all values are equal";
        else if (anova.AgreementInterval is null)
            reasons["icc21Ci"] =
                n < 3 ? "intervals of ICC take three knees" : "repeated values are equal";
        return this with
        {
            RepeatScans = scans,
            SdDifference = sd,
            Sem = sem,
            Sdc95 = Limits * Math.Sqrt(2) * sem,
            BaBiasCi = Spread.Around(bias, t * sd / Math.Sqrt(n)),
            BaLimits = new(lower, upper),
            BaLowerCi = Spread.Around(lower, ofLimit),
            BaUpperCi = Spread.Around(upper, ofLimit),
            Msr = anova.Rows,
            Msc = anova.Columns,
            Mse = anova.Error,
            Icc21 = anova.Agreement,
            Icc21Ci = anova.AgreementInterval,
            Icc31 = anova.Consistency,
            Icc31Ci = anova.ConsistencyInterval,
        };
    }

    private static double RootMeanSquare(IEnumerable<double> values) =>
        Math.Sqrt(values.Average(value => value * value));
}

/// <summary>Spread of a sample.</summary>
internal static class Spread
{
    /// <summary>The standard deviation (n - 1) of at least two values.</summary>
    public static double Sd(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(
            values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)
        );
    }

    /// <summary>From a value minus to the value plus a half-width.</summary>
    public static Interval Around(double middle, double half) => new(middle - half, middle + half);
}
