using System.Text.Json;
using KneeSeg.Reports.Sweeps;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>The index of a sweep folder, <c>sweep.json</c>: all tables are made from it and the runs.</summary>
/// <param name="Format">Of this record; 1.</param>
/// <param name="Name">The table's title.</param>
/// <param name="Threads">Threads per run: results depend on it in the last bits.</param>
/// <param name="Rows">In the table's order.</param>
public sealed record SweepIndex(int Format, string Name, int Threads, IReadOnlyList<SweepRow> Rows)
{
    /// <summary>Whether a folder is a sweep folder.</summary>
    public static bool IsIn(string folder) => File.Exists(FileOf(folder));

    /// <summary>The folder of a run.</summary>
    internal static string RunOf(string folder, string run) => Path.Combine(folder, "runs", run);

    /// <summary>Reads a folder's.</summary>
    /// <exception cref="ProblemException">It cannot be read (exit 3).</exception>
    public static SweepIndex Read(string folder)
    {
        try
        {
            return
                JsonSerializer.Deserialize<SweepIndex>(
                    File.ReadAllText(FileOf(folder)),
                    JsonStyle.Indented
                )
                    is { Format: 1 } index
                ? index
                : throw new JsonException("another format version");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                FileOf(folder),
                $"not a sweep folder ({e.Message.TrimEnd('.')})",
                "Rerun the sweep command",
                e
            );
        }
    }

    /// <summary>Writes it into a folder.</summary>
    /// <exception cref="ProblemException">The folder cannot be written (exit 6).</exception>
    internal void Write(string folder) =>
        AtomicFile.WriteText(FileOf(folder), JsonSerializer.Serialize(this, JsonStyle.Indented));

    private static string FileOf(string folder) => Path.Combine(folder, "sweep.json");
}
