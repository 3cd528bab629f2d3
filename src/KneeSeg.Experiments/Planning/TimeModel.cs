namespace KneeSeg.Experiments.Planning;

/// <summary>A measured training step.</summary>
/// <param name="Name">The network and its patch, for people.</param>
/// <param name="Work">What it does.</param>
/// <param name="Seconds">How long it takes.</param>
internal sealed record MeasuredStep(string Name, StepWork Work, double Seconds);

/// <summary>Seconds of a training step on this machine: a price for each kind of work, fitted to measured steps.</summary>
/// <param name="Prices">Seconds for a unit of each of <see cref="StepWork.Kinds"/>; none is negative.</param>
/// <param name="Error">
/// The relative error: twice the standard deviation of measured steps from their estimates. About one step in twenty is farther off.
/// </param>
/// <param name="WindowShare">Seconds of predicting a window, as a share of a training step on one patch.</param>
internal sealed record TimeModel(IReadOnlyList<double> Prices, double Error, double WindowShare)
{
    private const int Rounds = 20_000;

    // No more measured steps than prices fit exactly and say nothing of the error, which then counts as 1; a few more say little.
    private const double LeastError = 0.05;

    /// <summary>Seconds of a step.</summary>
    public double Seconds(StepWork work) => Prices.Zip(work.Amounts, (a, b) => a * b).Sum();

    /// <summary>Fits the prices by least squares of relative errors, with no price below 0.</summary>
    /// <param name="steps">Measured steps, of different kinds.</param>
    /// <param name="windowShare">Likewise measured.</param>
    public static TimeModel Fit(IReadOnlyList<MeasuredStep> steps, double windowShare)
    {
        // In units in which each kind's largest share is 1.
        double[][] rows =
        [
            .. steps.Select(step => step.Work.Amounts.Select(x => x / step.Seconds).ToArray()),
        ];
        double[] scale =
        [
            .. Enumerable.Range(0, StepWork.Kinds.Count).Select(k => rows.Max(row => row[k])),
        ];
        foreach (var row in rows)
            for (var k = 0; k < row.Length; k++)
                row[k] = scale[k] > 0 ? row[k] / scale[k] : 0;
        var fitted = NonNegative(rows);
        var prices = fitted.Zip(scale, (price, unit) => unit > 0 ? price / unit : 0).ToArray();
        var squares = rows.Sum(row => Math.Pow(row.Zip(fitted, (a, b) => a * b).Sum() - 1, 2));
        var free = rows.Length - fitted.Count(price => price > 0);
        return new(
            prices,
            free < 1 ? 1 : Math.Max(LeastError, 2 * Math.Sqrt(squares / free)),
            windowShare
        );
    }

    // Least squares of row · x = 1 with x at least 0, a coordinate at a time.
    private static double[] NonNegative(double[][] rows)
    {
        var x = new double[rows[0].Length];
        var left = rows.Select(_ => 1.0).ToArray();
        double[] norms =
        [
            .. Enumerable.Range(0, x.Length).Select(k => rows.Sum(row => row[k] * row[k])),
        ];
        for (var round = 0; round < Rounds; round++)
        for (var k = 0; k < x.Length; k++)
        {
            if (norms[k] == 0)
                continue;
            var step = rows.Select((row, i) => row[k] * left[i]).Sum() / norms[k];
            var next = Math.Max(0, x[k] + step);
            for (var i = 0; i < rows.Length; i++)
                left[i] -= (next - x[k]) * rows[i][k];
            x[k] = next;
        }
        return x;
    }
}
