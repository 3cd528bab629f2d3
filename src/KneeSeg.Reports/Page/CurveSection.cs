using KneeSeg.Reports.Charts;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Html;
using KneeSeg.Runs;

namespace KneeSeg.Reports.Page;

/// <summary>The learning curves.</summary>
internal static class CurveSection
{
    public static Markup Draw(RunContent content) =>
        content.Epochs.Count == 0
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="curves">
                <h2>Training</h2>
                <div class="charts">{Loss(content.Epochs)}{Outputs(content.Epochs)}{Dice(
                    content
                )}</div>
                {(content.Progress is { } gif ? Progress(gif) : Markup.None)}
                </section>
                """
            );

    private static Markup Progress(byte[] gif) =>
        Markup.Of(
            $"""
            <h3>Predictions during training</h3>
            <p>The last training case and the last and first validation cases, each in the slice with the most labeled voxels.</p>
            <figure>{PageFrame.Picture(
                "predictions on fixed cases",
                "gif",
                gif
            )}</figure>
            """
        );

    private static Markup Loss(IReadOnlyList<EpochRecord> epochs)
    {
        var validated = epochs.Where(epoch => epoch.ValidationLoss is not null).ToArray();
        return LineChart.Draw(
            "Loss and its moving average over 5 epochs",
            [
                .. Raw("training", "ink", epochs, epoch => epoch.Loss),
                .. validated is []
                    ? []
                    : Raw("validation", "label-1", validated, epoch => epoch.ValidationLoss),
            ]
        );
    }

    // Raw, and the moving average of the published figures, at the last epoch of each window.
    private static IEnumerable<ChartLine> Raw(
        string name,
        string style,
        IReadOnlyList<EpochRecord> epochs,
        Func<EpochRecord, double?> loss
    )
    {
        yield return Line(name, $"{style} faint", epochs, loss);
        var averages = RunSummary.MovingAverage([.. epochs.Select(epoch => loss(epoch)!.Value)]);
        yield return new(
            $"{name}, average",
            style,
            [
                .. epochs
                    .Skip(epochs.Count - averages.Length)
                    .Zip(averages, (epoch, mean) => ((double)epoch.Epoch, mean)),
            ],
            NumberText.Fraction(averages[^1])
        );
    }

    private static Markup Outputs(IReadOnlyList<EpochRecord> epochs) =>
        epochs[^1].OutputLosses is { } outputs
            ? LineChart.Draw(
                "Loss of each output, before it is weighted",
                [
                    .. outputs.Keys.Select(
                        (name, i) =>
                            Line(
                                name,
                                $"label-{i + 1} dash-{i % 3}",
                                epochs,
                                epoch => epoch.OutputLosses?.GetValueOrDefault(name)
                            )
                    ),
                ]
            )
            : Markup.None;

    private static Markup Dice(RunContent content)
    {
        var validated = content.Epochs.Where(epoch => epoch.Validation is not null).ToArray();
        return validated.Length == 0
            ? Markup.None
            : LineChart.Draw(
                "Dice on validation cases",
                [
                    .. content
                        .Labels.Skip(1)
                        .Select(
                            (name, i) =>
                                Line(
                                    name,
                                    $"label-{i + 1} dash-{i % 3}",
                                    validated,
                                    epoch => epoch.Validation!.Dice.ElementAtOrDefault(i)
                                )
                        ),
                ],
                highest: 1
            );
    }

    private static ChartLine Line(
        string name,
        string style,
        IReadOnlyList<EpochRecord> epochs,
        Func<EpochRecord, double?> value
    ) =>
        new(
            name,
            style,
            [.. epochs.Select(epoch => ((double)epoch.Epoch, value(epoch) ?? double.NaN))],
            NumberText.Fraction(value(epochs[^1]))
        );
}
