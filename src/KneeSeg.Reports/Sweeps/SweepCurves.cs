using KneeSeg.Evaluation;
using KneeSeg.Reports.Charts;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;
using KneeSeg.Runs;

namespace KneeSeg.Reports.Sweeps;

/// <summary>The loss curves of each row: mean and standard deviation over its finished repeats.</summary>
internal static class SweepCurves
{
    public static Markup Draw(SweepResult sweep)
    {
        SweepRow[] rows = [.. sweep.Rows.Where(row => sweep.Finished(row).Count > 0)];
        return rows is []
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="curves"><h2>Loss by epoch</h2>
                <p>Mean over repeats ± one sample standard deviation.</p>
                <div class="charts">{Markup.Each(
                    rows,
                    row => Chart(row.Name, sweep.Finished(row))
                )}</div></section>
                """
            );
    }

    private static Markup Chart(string row, IReadOnlyList<SweepRunResult> runs) =>
        LineChart.Draw(
            row,
            [
                .. Line(runs, "training", "ink", epoch => epoch.Loss),
                .. Line(runs, "validation", "label-1", epoch => epoch.ValidationLoss),
            ]
        );

    private static IEnumerable<ChartLine> Line(
        IReadOnlyList<SweepRunResult> runs,
        string name,
        string style,
        Func<EpochRecord, double?> loss
    )
    {
        var epochs = (
            from run in runs
            from epoch in run.Epochs
            where loss(epoch) is not null
            group loss(epoch) by epoch.Epoch into values
            orderby values.Key
            select (Epoch: (double)values.Key, Of: SummaryStatistics.Of(values))
        ).ToArray();
        if (epochs is [])
            yield break;
        yield return new(
            name,
            style,
            [.. epochs.Select(epoch => (epoch.Epoch, epoch.Of.Mean!.Value))],
            NumberText.Spread(epochs[^1].Of.Mean, epochs[^1].Of.Sd, NumberText.Fraction),
            [
                .. epochs.Select(epoch =>
                    (
                        epoch.Of.Mean!.Value - (epoch.Of.Sd ?? 0),
                        epoch.Of.Mean!.Value + (epoch.Of.Sd ?? 0)
                    )
                ),
            ]
        );
    }
}
