using MathNet.Numerics.Distributions;

namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>
/// Mean squares of n knees by k scans, and the intraclass correlations of a single scan (Shrout and Fleiss 1979) with 95 %
/// intervals (McGraw and Wong 1996).
/// </summary>
/// <param name="N">Knees.</param>
/// <param name="K">Scans of each.</param>
/// <param name="Rows">The mean square between knees, MSR.</param>
/// <param name="Columns">The mean square between scans, MSC.</param>
/// <param name="Error">The mean square of the rest, MSE.</param>
internal sealed record TwoWayAnova(int N, int K, double Rows, double Columns, double Error)
{
    // With two knees, intervals reach from -1 to 1 in all but contrived cases.
    private const int FewestForInterval = 3;

    /// <summary>Of at least two rows, each with a value for each of the same two or more scans.</summary>
    public static TwoWayAnova Of(IReadOnlyList<double[]> rows)
    {
        var (n, k) = (rows.Count, rows[0].Length);
        var mean = rows.Average(row => row.Average());
        double[] knees = [.. rows.Select(row => row.Average())];
        double[] scans = [.. Enumerable.Range(0, k).Select(j => rows.Average(row => row[j]))];
        var rest = rows.Index()
            .Sum(row =>
                row.Item.Index().Sum(x => Square(x.Item - knees[row.Index] - scans[x.Index] + mean))
            );
        return new(
            n,
            k,
            k * knees.Sum(knee => Square(knee - mean)) / (n - 1),
            n * scans.Sum(scan => Square(scan - mean)) / (k - 1),
            rest / ((n - 1) * (k - 1))
        );
    }

    /// <summary>ICC(2,1), of absolute agreement; null without any variance.</summary>
    public double? Agreement =>
        Finite((Rows - Error) / (Rows + (K - 1) * Error + K * (Columns - Error) / N));

    /// <summary>ICC(3,1), of consistency; null without any variance.</summary>
    public double? Consistency => Finite((Rows - Error) / (Rows + (K - 1) * Error));

    /// <summary>The interval of <see cref="Agreement"/>; null for fewer than three knees, and without error variance.</summary>
    public Interval? AgreementInterval
    {
        get
        {
            if (N < FewestForInterval || Error == 0 || Agreement is not { } rho)
                return null;
            double n = N,
                k = K;
            var f = Columns / Error;
            var between = n * (1 + (k - 1) * rho) - k * rho;
            var freedom =
                (k - 1)
                * (n - 1)
                * Square(k * rho * f + between)
                / ((n - 1) * Square(k * rho * f) + Square(between));
            var columns = k * Columns + (k * n - k - n) * Error;
            var (low, high) = (UpperF(n - 1, freedom), UpperF(freedom, n - 1));
            return new(
                n * (Rows - low * Error) / (low * columns + n * Rows),
                n * (high * Rows - Error) / (columns + n * high * Rows)
            );
        }
    }

    /// <summary>The interval of <see cref="Consistency"/>; null for fewer than three knees, and without error variance.</summary>
    public Interval? ConsistencyInterval
    {
        get
        {
            if (N < FewestForInterval || Error == 0)
                return null;
            double of = N - 1,
                rest = (N - 1) * (K - 1);
            var (low, high) = (Rows / Error / UpperF(of, rest), Rows / Error * UpperF(rest, of));
            return new((low - 1) / (low + K - 1), (high - 1) / (high + K - 1));
        }
    }

    // The 97.5 % quantile, as the inverse of a small one: the library searches for quantiles below 1000 only.
    private static double UpperF(double above, double below) =>
        1 / FisherSnedecor.InvCDF(below, above, 0.025);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static double Square(double x) => x * x;
}
