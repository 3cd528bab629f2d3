using System.Globalization;
using KneeSeg.Evaluation;

namespace KneeSeg.Reports;

/// <summary>What a reader in a hurry must know: what this is, what went wrong, and the mean Dice.</summary>
internal static class HeadlineSection
{
    public static Markup Draw(ReportContent content) =>
        Markup.Of(
            $"""
            <header>
            <p class="kind">KneeSeg · report of a run</p>
            <h1>{content.Title}</h1>
            <p class="lead">{content.Data}. {When(content)}</p>
            {(content.Evaluation is { } evaluation ? Alarm(evaluation) : Unmeasured)}
            {(content.Evaluation is { } tried ? Failed(tried) : Markup.None)}
            <dl class="key">{(
                content.Evaluation is { } measured ? Key(measured) : Markup.None
            )}</dl>
            </header>
            """
        );

    private static Markup Unmeasured =>
        Markup.Of(
            $"""<p class="notice">Nothing has been measured yet: predict on the test split, then evaluate.</p>"""
        );

    private static string When(ReportContent content)
    {
        var took = content.Epochs.Sum(epoch => epoch.Seconds);
        var trained =
            content.Epochs.Count == 0
                ? "No epoch of training is finished yet"
                : $"Trained for {NumberText.Of(content.Epochs.Count, "epoch")} in {NumberText.Duration(took)}";
        return content.Trained is { } date
            ? $"{trained}, until {date.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)}."
            : $"{trained}.";
    }

    private static Markup Failed(EvaluationSummary evaluation) =>
        evaluation.Failed.Count == 0
            ? Markup.None
            : Markup.Of(
                $"""<div class="notice alarm"><p><strong>{NumberText.Of(evaluation.Failed.Count, "case")} could not be measured:</strong> {string.Join("; ", evaluation.Failed.Select(one => $"{one.Id} ({one.What})"))}.</p></div>"""
            );

    private static Markup Alarm(EvaluationSummary evaluation)
    {
        var (missed, misplaced) = (evaluation.Missed(), evaluation.Misplaced());
        var invented = evaluation.Invented();
        return missed.Count + misplaced.Count + invented.Count == 0
            ? Comfort(evaluation)
            : Markup.Of(
                $"""
                <div class="notice alarm">
                {Wrong($"of {evaluation.Structures} missed altogether", missed)}{Wrong(
                    $"of {evaluation.Structures} missed and misplaced, predicted without a voxel in common",
                    misplaced
                )}{Wrong("found where there is none", invented)}
                </div>
                """
            );
    }

    // A structure that was hardly met counts as found: the lowest Dice says so.
    private static Markup Comfort(EvaluationSummary evaluation) =>
        evaluation.Worst() is not { } worst
            ? Markup.Of(
                $"""<p class="notice">Neither references nor predictions have any structure: nothing was measured.</p>"""
            )
            : Markup.Of(
                $"""<p class="notice good">Every structure was found at least in part in every case{(evaluation.Failed.Count == 0 ? "" : " that could be measured")}, and none was invented. The lowest Dice is {NumberText.Fraction(worst.Label.Dice)}: {worst.Label.Name} in {worst.Id}.</p>"""
            );

    private static Markup Wrong(string how, IReadOnlyList<(string Id, string Name)> structures) =>
        structures.Count == 0
            ? Markup.None
            : Markup.Of(
                $"""<p><strong>{NumberText.Of(structures.Count, "structure")} {how}:</strong> {Named(structures)}.</p>"""
            );

    private static string Named(IReadOnlyList<(string Id, string Name)> structures) =>
        string.Join(
            "; ",
            from structure in structures
            group structure.Id by structure.Name into cases
            select $"{cases.Key} in {string.Join(", ", cases)}"
        );

    private static Markup Key(EvaluationSummary evaluation)
    {
        var worst = evaluation.Labels.Where(l => l.Dice.Mean is not null).MinBy(l => l.Dice.Mean);
        var best = evaluation.Labels.Where(l => l.Dice.Mean is not null).MaxBy(l => l.Dice.Mean);
        return Markup.Of(
            $"""
            {Fact(
                "Mean Dice",
                NumberText.Fraction(evaluation.MeanDice),
                $"{NumberText.Of(evaluation.Labels.Count, "structure")}, {NumberText.Of(evaluation.Cases.Count, "unseen case")}"
            )}
            {Fact("Best structure", NumberText.Fraction(best?.Dice.Mean), best?.Name ?? "none")}
            {Fact("Worst structure", NumberText.Fraction(worst?.Dice.Mean), worst?.Name ?? "none")}
            {Fact(
                "Missed, misplaced, invented",
                $"{evaluation.Missed}, {evaluation.Misplaced}, {evaluation.Invented}",
                $"of {evaluation.Structures} structures in all cases"
            )}
            """
        );
    }

    private static Markup Fact(string name, string value, string remark) =>
        Markup.Of(
            $"""<div><dt>{name}</dt><dd>{value}</dd><dd class="remark">{remark}</dd></div>"""
        );
}
