namespace KneeSeg.Evaluation;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    // Beyond this the continued fraction is more accurate than the series.
    private const double Far = 3;

    /// <summary>The probability of a value at least as far from 0 (Abramowitz and Stegun 1964, 26.2.11 and 26.2.14).</summary>
    public static double TwoSided(double z)
    {
        var x = Math.Abs(z);
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        return x < Far ? 1 - 2 * density * Series(x) : 2 * density / Fraction(x);
    }

    private static double Series(double x)
    {
        var (sum, term) = (x, x);
        for (var odd = 3; term > sum * 1e-17; odd += 2)
            sum += term *= x * x / odd;
        return sum;
    }

    private static double Fraction(double x)
    {
        var value = x;
        for (var n = 100; n > 0; n--)
            value = x + n / value;
        return value;
    }
}
