using System.Text.Json;

namespace KneeSeg.Experiments;

/// <summary>What a sweep's folder holds: <c>sweep.json</c>, from which and the runs all tables are made.</summary>
/// <param name="Format">Of this record; 1.</param>
/// <param name="Name">The table's title.</param>
/// <param name="Threads">On how many threads each run computes: another number gives other bytes.</param>
/// <param name="Rows">In the table's order.</param>
public sealed record SweepIndex(
    int Format,
    string Name,
    int Threads,
    IReadOnlyList<SweepIndexRow> Rows
)
{
    private static readonly JsonSerializerOptions Style = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Whether a folder is a sweep's.</summary>
    public static bool IsIn(string folder) => File.Exists(FileOf(folder));

    /// <summary>Where a run of a sweep is.</summary>
    public static string RunOf(string folder, string run) => Path.Combine(folder, "runs", run);

    /// <summary>Reads a folder's.</summary>
    /// <exception cref="ProblemException">It can't be read as one (exit 3).</exception>
    public static SweepIndex Read(string folder)
    {
        try
        {
            return
                JsonSerializer.Deserialize<SweepIndex>(File.ReadAllText(FileOf(folder)), Style)
                    is { Format: 1 } index
                ? index
                : throw new JsonException("it has another format number");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                FileOf(folder),
                $"can't be read as a sweep ({e.Message.TrimEnd('.')})",
                "Give the sweep command again",
                e
            );
        }
    }

    /// <summary>Writes it into a folder.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Write(string folder) =>
        AtomicFile.WriteText(FileOf(folder), JsonSerializer.Serialize(this, Style));

    private static string FileOf(string folder) => Path.Combine(folder, "sweep.json");
}

/// <summary>A row of a sweep's folder.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Hash">Names the architecture.</param>
/// <param name="Patch">Its input, DxHxW.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="Macs">Multiply-accumulates of one patch.</param>
/// <param name="Memory">Bytes of a training step at the peak.</param>
/// <param name="Steps">Optimizer steps of a run.</param>
/// <param name="Batch">Patches of a step.</param>
/// <param name="Runs">The folders of its repeats; equal runs of several rows are one folder.</param>
public sealed record SweepIndexRow(
    string Name,
    string Network,
    string Hash,
    string Patch,
    long Parameters,
    long Macs,
    long Memory,
    long Steps,
    int Batch,
    IReadOnlyList<SweepIndexRun> Runs
);

/// <summary>A repeat.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Seed">What its random choices follow from.</param>
public sealed record SweepIndexRun(string Name, long Seed);
