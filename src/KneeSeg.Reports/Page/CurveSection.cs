namespace KneeSeg.Reports;

/// <summary>How training went.</summary>
internal static class CurveSection
{
    public static Markup Draw(ReportContent content) =>
        content.Epochs.Count == 0
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="curves">
                <h2>Training</h2>
                <div class="charts">{Loss(content.Epochs)}{Dice(content)}</div>
                </section>
                """
            );

    private static Markup Loss(IReadOnlyList<EpochPoint> epochs)
    {
        var validated = epochs.Where(epoch => epoch.ValidationLoss is not null).ToArray();
        List<ChartLine> lines = [Line("training", "ink", epochs, epoch => epoch.Loss)];
        if (validated.Length > 0)
            lines.Add(
                Line("validation", "ink dashed", validated, epoch => epoch.ValidationLoss!.Value)
            );
        return LineChart.Draw("Loss", lines);
    }

    private static Markup Dice(ReportContent content)
    {
        var validated = content.Epochs.Where(epoch => epoch.ValidationDice.Count > 0).ToArray();
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
                                    epoch => epoch.ValidationDice[i]
                                )
                        ),
                ],
                highest: 1
            );
    }

    private static ChartLine Line(
        string name,
        string style,
        IReadOnlyList<EpochPoint> epochs,
        Func<EpochPoint, double> value
    ) =>
        new(
            name,
            style,
            [.. epochs.Select(epoch => ((double)epoch.Epoch, value(epoch)))],
            Figures.Fraction(value(epochs[^1]))
        );
}
