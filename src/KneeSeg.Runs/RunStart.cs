using System.Text.Json;

namespace KneeSeg.Runs;

/// <summary>
/// How a run was last started: what may change from call to call and from machine to machine, beside <c>run.json</c>, which
/// may not.
/// </summary>
/// <param name="Data">Where the dataset lay.</param>
/// <param name="Precision">What maps were computed in, fp32 or bf16.</param>
/// <param name="Device">Where: cpu or cuda.</param>
/// <param name="Threads">On how many threads of the processor.</param>
public sealed record RunStart(string Data, string Precision, string Device, int Threads)
{
    /// <summary>Whether a step computes maps twice to save memory, which may change a last bit.</summary>
    public bool Recomputes { get; init; }

    /// <summary>Reads what <see cref="Write"/> wrote; null where there is nothing of use.</summary>
    public static RunStart? Read(string path)
    {
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize<RunStart>(File.ReadAllText(path), RunJson.Style)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public void Write(string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(this, RunJson.Style));

    /// <summary>In what numbers differ that are computed as another start says, in a few words; null where in nothing.</summary>
    /// <param name="other">The other start.</param>
    public string? Difference(RunStart other) =>
        Manner == other.Manner ? null : $"{Manner} and not {other.Manner}";

    private string Manner =>
        $"in {Precision} on {Threads} threads of {Device}{(Recomputes ? " computing maps twice" : "")}";
}
