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
    public static LongitudinalReport Run(string table, string folder)
    {
        var report = LongitudinalReport.Of(MeasurementTable.Read(table));
        void Write(string name, string text) =>
            AtomicFile.WriteText(Path.Combine(folder, name), text);
        Write(FileName, report.ToJson() + "\n");
        Write("longitudinal.csv", LongitudinalTables.Regions(report));
        Write("changes.csv", LongitudinalTables.Changes(report));
        Write("knees.csv", LongitudinalTables.Knees(report));
        if (report.Agreement.Count > 0)
            Write("agreement.csv", LongitudinalTables.Agreement(report));
        LongitudinalPage.Write(Path.Combine(folder, "report.html"), report);
        return report;
    }
}
