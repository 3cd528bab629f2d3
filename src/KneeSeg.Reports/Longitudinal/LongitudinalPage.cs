using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Reports.Html;
using KneeSeg.Reports.Page;

namespace KneeSeg.Reports.Longitudinal;

/// <summary>The report of change over time: a self-contained HTML page.</summary>
public static class LongitudinalPage
{
    /// <summary>Writes the page.</summary>
    /// <exception cref="ProblemException">It cannot be written (exit 6).</exception>
    public static void Write(string path, LongitudinalReport report) =>
        AtomicFile.WriteText(path, Draw(report).Source);

    internal static Markup Draw(LongitudinalReport report) =>
        PageFrame.Draw(
            "Change over time",
            labels: 1,
            Markup.Of(
                $"""
                <header>
                <p class="kind">KneeSeg · longitudinal report</p>
                <h1>Change over time</h1>
                <p class="lead">{Lead(report)}</p>
                {Warnings(report)}
                </header>
                {ChangeSection.Draw(report)}
                {OrderedValuesSection.Draw(report)}
                {RepeatabilitySection.Repeats(report)}
                {RepeatabilitySection.Agreement(report)}
                {Definitions}
                """
            )
        );

    private static string Lead(LongitudinalReport report)
    {
        var names = report.Regions.Select(one => one.Region).Distinct().Count();
        var change = report.Regions.Select(one => one.Change).MaxBy(one => one.NChange)!;
        return $"{NumberText.Of(report.Regions.Max(one => one.N), "knee")}, {NumberText.Of(names, "region")}"
            + (change.MeanYears is { } years ? $", {NumberText.Rate(years)} years on average" : "")
            + (report.Measure == "value" ? "." : $". The values are {report.Measure}.");
    }

    private static Markup Warnings(LongitudinalReport report) =>
        report.Warnings is []
            ? Markup.None
            : Markup.Of(
                $"""<div class="notice">{Markup.Each(report.Warnings, line => Markup.Of($"<p>{line}.</p>"))}</div>"""
            );

    private static Markup Definitions =>
        Markup.Of(
            $"""
            <section id="definitions">
            <h2>Statistics</h2>
            <p>RMS SD and RMS CV are root mean squares over knees of each knee's SD and coefficient of variation. SEM = √MSE of knees by scans, for two scans SD of differences / √2. SDC = 1.96·√2·SEM; LSC = 2.77·RMS SD, which includes bias. Limits of agreement are bias ± 1.96 SD; bands are 95 % intervals. ICC(2,1) is of absolute agreement, ICC(3,1) of consistency. Intervals of mean change are by Student's t, intervals of the SRM percentiles of a bootstrap over subjects, so that both knees of one stay together; the t test and the noncentral t take knees as independent. Wilcoxon's p is exact up to 50 knees. longitudinal.json has all numbers in full precision.</p>
            </section>
            """
        );
}
