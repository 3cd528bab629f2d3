namespace KneeSeg.Runs;

/// <summary>
/// A run's figures as in the published tables. Each is a minimum over epochs, so two of them may come from different epochs.
/// </summary>
/// <param name="Loss">The lowest mean training loss of an epoch; null without epochs.</param>
/// <param name="ValLoss">The lowest validation loss of an epoch; null without validation.</param>
/// <param name="MovingAverageLoss">The lowest moving-average training loss.</param>
/// <param name="MovingAverageValLoss">The lowest moving-average validation loss, over the epochs with validation.</param>
/// <param name="Seconds">Total duration of its epochs, validation included.</param>
public sealed record RunSummary(
    double? Loss,
    double? ValLoss,
    double? MovingAverageLoss,
    double? MovingAverageValLoss,
    double Seconds
)
{
    private const int Window = 5;

    /// <summary>Of a log.</summary>
    public static RunSummary Of(IReadOnlyList<EpochRecord> epochs)
    {
        double[] training = [.. epochs.Select(epoch => epoch.Loss)];
        double[] validation = [.. epochs.Select(epoch => epoch.ValidationLoss).OfType<double>()];
        return new(
            Minimum(training),
            Minimum(validation),
            Minimum(MovingAverage(training)),
            Minimum(MovingAverage(validation)),
            epochs.Sum(epoch => epoch.Seconds)
        );
    }

    /// <summary>
    /// Moving average over complete windows of five values. With n ≤ 5 values the window is max(1, n − 1).
    /// </summary>
    public static double[] MovingAverage(IReadOnlyList<double> values)
    {
        var window = Math.Max(1, Math.Min(Window, values.Count - 1));
        return
        [
            .. Enumerable
                .Range(0, Math.Max(0, values.Count - window + 1))
                .Select(start => values.Skip(start).Take(window).Average()),
        ];
    }

    private static double? Minimum(double[] values) => values is [] ? null : values.Min();
}
