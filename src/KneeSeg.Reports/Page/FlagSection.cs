using KneeSeg.Data.Validation;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>Cases with quality flags, worst first.</summary>
internal static class FlagSection
{
    public static Markup Draw(IReadOnlyList<FlaggedCase> flagged) =>
        flagged is []
            ? Markup.None
            : Markup.Of(
                $"""
                <section id="flags">
                <h2>Quality flags, worst first</h2>
                <p>What was unusual when these cases were predicted, without a look at their references.</p>
                <div class="scroll"><table>
                <thead><tr><th>Case</th><th>Severity</th><th>Flag</th><th>What, and what to do</th></tr></thead>
                <tbody>{Markup.Each(
                    flagged,
                    one => Markup.Each(one.Flags, flag => Row(one.Id, flag))
                )}</tbody>
                </table></div>
                </section>
                """
            );

    private static Markup Row(string id, QualityFlag flag) =>
        Markup.Of(
            $"""<tr><th scope="row">{id}</th><td>{Severity(flag.Severity)}</td><td>{flag.Id}</td><td>{$"{flag}"}</td></tr>"""
        );

    private static Markup Severity(FlagSeverity severity) =>
        severity == FlagSeverity.Severe
            ? Markup.Of($"""<span class="wrong">severe</span>""")
            : Markup.Of($"""warning""");
}
