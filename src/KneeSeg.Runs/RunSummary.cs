namespace KneeSeg.Runs;

/// <summary>
/// What the published tables say of one run. Each figure is a minimum over epochs of its own, so that two of them may
/// come from different epochs.
/// </summary>
/// <param name="Loss">The lowest mean training loss of an epoch; null without an epoch.</param>
/// <param name="ValLoss">The lowest validation loss of an epoch; null where none was measured.</param>
/// <param name="MovingAverageLoss">The lowest running mean of the training loss.</param>
/// <param name="MovingAverageValLoss">The lowest running mean of the validation loss, over the epochs that have one.</param>
/// <param name="Seconds">What its epochs took, validation included.</param>
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
            Least(training),
            Least(validation),
            Least(Rolling(training)),
            Least(Rolling(validation)),
            epochs.Sum(epoch => epoch.Seconds)
        );
    }

    /// <summary>
    /// Means of five values in a row, whole windows only. Of five values or fewer the window is one less than there are,
    /// and at least one.
    /// </summary>
    public static double[] Rolling(IReadOnlyList<double> values)
    {
        var window = Math.Max(1, Math.Min(Window, values.Count - 1));
        return
        [
            .. Enumerable
                .Range(0, Math.Max(0, values.Count - window + 1))
                .Select(start => values.Skip(start).Take(window).Average()),
        ];
    }

    private static double? Least(double[] values) => values is [] ? null : values.Min();
}
