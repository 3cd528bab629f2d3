using System.Globalization;
using KneeSeg.Evaluation;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The summary: what was trained, which structures are wrong, and the mean Dice.</summary>
internal static class HeadlineSection
{
    public static Markup Draw(RunContent content) =>
        Markup.Of(
            $"""
            <header>
            <p class="kind">KneeSeg · run report</p>
            <h1>{content.Title}</h1>
            <p class="lead">{content.Data}. {When(content)}</p>
            {(content.Evaluation is { } evaluation ? Alarm(evaluation) : NotEvaluated)}
            {(content.Evaluation is { } tried ? Failed(tried) : Markup.None)}
            <dl class="key">{(
                content.Evaluation is { } measured ? Key(measured) : Markup.None
            )}</dl>
            </header>
            """
        );

    private static Markup NotEvaluated =>
        Markup.Of(
            $"""<p class="notice">Not evaluated yet: run kneeseg predict on the test cases, then kneeseg evaluate.</p>"""
        );

    private static string When(RunContent content)
    {
        var took = content.Epochs.Sum(epoch => epoch.Seconds);
        var trained =
            content.Epochs.Count == 0
                ? "No epoch is finished yet"
                : $"Trained for {NumberText.Of(content.Epochs.Count, "epoch")} in {NumberText.Duration(took)}";
        return content.Trained is { } date
            ? $"{trained}; last checkpoint {date.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)}."
            : $"{trained}.";
    }

    private static Markup Failed(EvaluationSummary evaluation) =>
        evaluation.Failed.Count == 0
            ? Markup.None
            : Markup.Of(
                $"""<div class="notice alarm"><p><strong>{NumberText.Of(evaluation.Failed.Count, "case")} could not be evaluated:</strong> {string.Join("; ", evaluation.Failed.Select(one => $"{one.Id} ({one.What})"))}.</p></div>"""
            );

    private static Markup Alarm(EvaluationSummary evaluation)
    {
        var (missed, misplaced) = (evaluation.Missed(), evaluation.Misplaced());
        var spurious = evaluation.Spurious();
        return missed.Count + misplaced.Count + spurious.Count == 0
            ? AllFound(evaluation)
            : Markup.Of(
                $"""
                <div class="notice alarm">
                {Wrong($"of {evaluation.Structures} missed", missed)}{Wrong(
                    $"of {evaluation.Structures} misplaced (no overlap with the reference)",
                    misplaced
                )}{Wrong("spurious (not in the reference)", spurious)}
                </div>
                """
            );
    }

    // One overlapping voxel is enough to count as found, so the lowest Dice is given too.
    private static Markup AllFound(EvaluationSummary evaluation) =>
        evaluation.Worst() is not { } worst
            ? Markup.Of(
                $"""<p class="notice">Neither references nor predictions contain any structure: there is nothing to evaluate.</p>"""
            )
            : Markup.Of(
                $"""<p class="notice good">Every structure overlaps its reference in every case{(evaluation.Failed.Count == 0 ? "" : " that could be evaluated")}, and none is spurious. The lowest Dice is {NumberText.Fraction(worst.Label.Dice)}: {worst.Label.Name} in {worst.Id}.</p>"""
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
                $"{NumberText.Of(evaluation.Labels.Count, "structure")}, {NumberText.Of(evaluation.Cases.Count, "case")}"
            )}
            {Fact("Best structure", NumberText.Fraction(best?.Dice.Mean), best?.Name ?? "none")}
            {Fact("Worst structure", NumberText.Fraction(worst?.Dice.Mean), worst?.Name ?? "none")}
            {Fact(
                "Missed, misplaced, spurious",
                $"{evaluation.Missed}, {evaluation.Misplaced}, {evaluation.Spurious}",
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
