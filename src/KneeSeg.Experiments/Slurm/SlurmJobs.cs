using System.Text.Json;

namespace KneeSeg.Experiments.Slurm;

/// <summary>What was submitted for an output folder: <c>slurm/jobs.json</c> in it.</summary>
/// <param name="Format">Of this record; 1.</param>
/// <param name="Units">The units of the work; task 1 does the first.</param>
/// <param name="Arrays">The submitted arrays, the oldest first.</param>
internal sealed record SlurmJobs(
    int Format,
    IReadOnlyList<SlurmUnit> Units,
    IReadOnlyList<SlurmArray> Arrays
)
{
    /// <summary>The folder of scripts, logs and this file in an output folder.</summary>
    public static string FolderOf(string folder) => Path.Combine(folder, "slurm");

    /// <summary>What was submitted for a folder; null if nothing was.</summary>
    /// <exception cref="ProblemException">The file is damaged (exit 3).</exception>
    public static SlurmJobs? Read(string folder)
    {
        var path = FileOf(folder);
        if (!File.Exists(path))
            return null;
        try
        {
            return
                JsonSerializer.Deserialize<SlurmJobs>(File.ReadAllText(path), JsonStyle.Indented)
                    is { Format: 1 } jobs
                ? jobs
                : throw new JsonException("another format version");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"can't be read ({e.Message.TrimEnd('.')})",
                "Delete it once squeue shows none of its jobs, and submit again",
                e
            );
        }
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public void Write(string folder) =>
        AtomicFile.WriteText(FileOf(folder), JsonSerializer.Serialize(this, JsonStyle.Indented));

    /// <summary>Whether the units are the same, so that tasks keep their numbers.</summary>
    public bool HasSameUnits(IReadOnlyList<SlurmUnit> units) =>
        Units.Select(unit => unit.Name).SequenceEqual(units.Select(unit => unit.Name));

    private static string FileOf(string folder) => Path.Combine(FolderOf(folder), "jobs.json");
}

/// <summary>A unit of work, done by the task of its number.</summary>
/// <param name="Name">See <see cref="WorkUnit.Name"/>.</param>
/// <param name="Cases">See <see cref="WorkUnit.Cases"/>.</param>
internal sealed record SlurmUnit(string Name, IReadOnlyList<string> Cases)
{
    /// <summary>Of a unit of work.</summary>
    public static SlurmUnit Of(WorkUnit unit) => new(unit.Name, unit.Cases);
}

/// <summary>An array job.</summary>
/// <param name="Job">Its ID.</param>
/// <param name="Offset">What its indices are short of the tasks' numbers.</param>
/// <param name="Tasks">The numbers of the tasks that were submitted.</param>
internal sealed record SlurmArray(long Job, int Offset, IReadOnlyList<int> Tasks);
