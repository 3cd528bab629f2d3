using System.Text.Json;
using System.Text.Json.Serialization;

namespace KneeSeg.Runs;

/// <summary>
/// Settings of a run's last start that may change when it is resumed, unlike those in <c>run.json</c>.
/// </summary>
/// <param name="Data">The dataset's path.</param>
/// <param name="Precision">Precision of feature maps, fp32 or bf16.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Threads">The number of CPU threads.</param>
public sealed record RunStart(string Data, string Precision, string Device, int Threads)
{
    /// <summary>The paths of further datasets; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? FurtherData { get; init; }

    /// <summary>Whether activation checkpointing is used, which may change the last bit of results.</summary>
    public bool Recomputes { get; init; }

    /// <summary>What computed narrow layers: own or libtorch; null in runs of older versions, which had libtorch alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Kernels { get; init; }

    /// <summary>Reads what <see cref="Write"/> wrote; null if it is missing or invalid.</summary>
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
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Write(string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(this, RunJson.Style));

    /// <summary>How results may differ numerically from those of another start; null if they can't.</summary>
    /// <param name="other">The other start.</param>
    public string? Difference(RunStart other) =>
        Settings == other.Settings ? null : $"{Settings} and not {other.Settings}";

    /// <summary>What results depend on, such as "in bf16 on 2 threads of cpu".</summary>
    [JsonIgnore]
    public string Settings =>
        $"in {Precision} on {Threads} threads of {Device}{(Recomputes ? " with activation checkpointing" : "")}{(Kernels == "own" ? " with kernels of its own" : "")}";
}
