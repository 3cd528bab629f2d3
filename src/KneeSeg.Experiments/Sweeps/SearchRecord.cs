using System.Text.Json;
using KneeSeg.Reports.Sweeps;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>What a search made of its rows so far: <c>search.json</c> in the sweep's folder, for its tables.</summary>
/// <param name="Format">Of this record; 1.</param>
/// <param name="BudgetSeconds">Of training.</param>
/// <param name="SpentSeconds">So far, by the logs of the runs.</param>
/// <param name="Rows">In the table's order.</param>
internal sealed record SearchRecord(
    int Format,
    double BudgetSeconds,
    double SpentSeconds,
    IReadOnlyList<SearchedRow> Rows
)
{
    /// <summary>The rows of a folder's search; none without one.</summary>
    public static IReadOnlyList<SearchedRow> RowsIn(string folder)
    {
        try
        {
            return File.Exists(FileOf(folder))
                ? JsonSerializer
                    .Deserialize<SearchRecord>(
                        File.ReadAllText(FileOf(folder)),
                        JsonStyle.Indented
                    )!
                    .Rows
                : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                FileOf(folder),
                $"can't be read ({e.Message.TrimEnd('.')})",
                "Rerun the sweep command",
                e
            );
        }
    }

    /// <summary>Writes it into a folder.</summary>
    public void Write(string folder) =>
        AtomicFile.WriteText(FileOf(folder), JsonSerializer.Serialize(this, JsonStyle.Indented));

    /// <summary>Removes it: the sweep trains every row to its end now.</summary>
    public static void Remove(string folder) => File.Delete(FileOf(folder));

    private static string FileOf(string folder) => Path.Combine(folder, "search.json");
}
