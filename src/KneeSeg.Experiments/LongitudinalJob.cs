using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Reports.Longitudinal;
using KneeSeg.Reports.Tables;

namespace KneeSeg.Experiments;

/// <summary>Change over time, from a table of measurements to tables and a report.</summary>
public static class LongitudinalJob
{
    /// <summary>The name of the file with the results.</summary>
    public const string FileName = "longitudinal.json";

    /// <summary>Computes the statistics of a table and writes them.</summary>
    /// <param name="table">A table in long form; see <see cref="MeasurementTable"/>.</param>
    /// <param name="folder">Where the files go.</param>
    /// <exception cref="ProblemException">The table is wrong (exit 3), or a file can't be written (exit 6).</exception>
    public static LongitudinalReport OfTable(string table, string folder) =>
        Write(folder, LongitudinalReport.Of(MeasurementTable.Read(table)));

    /// <summary>Computes the statistics of measured or evaluated cases and writes them.</summary>
    /// <param name="results">See <see cref="MeasuredCases.Read"/>.</param>
    /// <param name="visits">A <see cref="VisitTable"/>; null where the results say what each case is.</param>
    /// <param name="measure">Such as <c>ThCtAB</c>.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="say">Receives warnings.</param>
    /// <exception cref="ProblemException">
    /// A file can't be read or lacks what is needed (exit 3), or one can't be written (exit 6).
    /// </exception>
    public static LongitudinalReport OfResults(
        IReadOnlyList<string> results,
        string? visits,
        string measure,
        string folder,
        Action<string> say
    ) =>
        Write(
            folder,
            LongitudinalReport.Of(MeasuredCases.Read(results, visits, measure, say), measure)
        );

    private static LongitudinalReport Write(string folder, LongitudinalReport report)
    {
        void Keep(string name, string text) =>
            AtomicFile.WriteText(Path.Combine(folder, name), text);
        Keep(FileName, report.ToJson() + "\n");
        Keep("longitudinal.csv", LongitudinalTables.Regions(report));
        Keep("changes.csv", LongitudinalTables.Changes(report));
        Keep("knees.csv", LongitudinalTables.Knees(report));
        if (report.Agreement.Count > 0)
            Keep("agreement.csv", LongitudinalTables.Agreement(report));
        LongitudinalPage.Write(Path.Combine(folder, "report.html"), report);
        return report;
    }
}
