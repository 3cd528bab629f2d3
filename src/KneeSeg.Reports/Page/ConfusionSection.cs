using System.Globalization;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The confusion matrix.</summary>
internal static class ConfusionSection
{
    private static readonly Rgb Full = Rgb.Of(0x1f6f8b);

    public static Markup Draw(EvaluationSummary evaluation, IReadOnlyList<string> labels) =>
        evaluation.Confusion.Count != labels.Count
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="confusion">
                <h2>Confusion matrix</h2>
                <p>Each row shows how the voxels of one reference structure are predicted, as shares that sum to 1. Counted over all cases.</p>
                <div class="scroll"><table class="confusion">
                <thead><tr><th>Reference</th>{TableCells.Titles(labels)}</tr></thead>
                <tbody>{Markup.Each(
                    evaluation.Confusion.Index(),
                    row => Row(labels[row.Index], row.Item)
                )}</tbody>
                </table></div>
                </section>
                """
            );

    private static Markup Row(string name, IReadOnlyList<long> voxels)
    {
        var all = voxels.Sum();
        return Markup.Of(
            $"""<tr><th scope="row">{name}</th>{Markup.Each(voxels, count => Cell(all == 0 ? null : (double)count / all))}</tr>"""
        );
    }

    private static Markup Cell(double? share) =>
        share is not { } value
            ? Markup.Of($"""<td class="n quiet">–</td>""")
            : Markup.Of(
                $"""<td class="n" style="background:{Full.Over(Rgb.Of(0xfdfdfb), value).ToString()};color:{(value > 0.5 ? "#fff" : "#1d2126")}">{value.ToString("0.00", CultureInfo.InvariantCulture)}</td>"""
            );
}
