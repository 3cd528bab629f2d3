using System.Text.Json;
using System.Text.Json.Serialization;

namespace KneeSeg.Runs;

/// <summary>The log of a run, one line of JSON per epoch. A truncated last line is skipped.</summary>
public static class RunLog
{
    /// <summary>Every complete line; none without a log.</summary>
    public static IReadOnlyList<EpochRecord> Read(string path)
    {
        if (!File.Exists(path))
            return [];
        var records = new List<EpochRecord>();
        foreach (var line in File.ReadLines(path))
        {
            try
            {
                if (
                    JsonSerializer.Deserialize<EpochRecord>(line, JsonSerializerOptions.Web) is
                    { } record
                )
                    records.Add(record);
            }
            catch (JsonException)
            {
                break;
            }
        }
        return records;
    }

    /// <summary>Rewrites the whole log, so that no line is ever incomplete.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void Write(string path, IEnumerable<EpochRecord> records) =>
        AtomicFile.WriteText(
            path,
            string.Concat(
                records.Select(record =>
                    JsonSerializer.Serialize(record, JsonSerializerOptions.Web) + "\n"
                )
            )
        );
}

/// <summary>One epoch of a run: a line of <c>log.jsonl</c>.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Optimizer steps so far.</param>
/// <param name="Loss">The mean training loss.</param>
/// <param name="LearningRate">Of its last step.</param>
/// <param name="Seconds">How long it took, validation included.</param>
/// <param name="Validation">The validation result; null in epochs without validation.</param>
public sealed record EpochRecord(
    int Epoch,
    long Step,
    double Loss,
    double LearningRate,
    double Seconds,
    ValidationRecord? Validation
)
{
    /// <summary>
    /// The mean loss over the validation cases' center patches, one per case; null in epochs without validation.
    /// </summary>
    public double? ValidationLoss { get; init; }

    /// <summary>
    /// The result of the best weights on all of every validation case; null but in the last epoch of a run whose validations
    /// are estimates.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ValidationRecord? BestValidation { get; init; }

    /// <summary>The loss of each of its steps.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>
    /// The mean loss of each output before it is weighted, the network's own first, as <c>segmentation</c>; null for a network
    /// without named outputs.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? OutputLosses { get; init; }

    /// <summary>The fraction of its time spent waiting for patches, 0 to 1.</summary>
    public double DataShare { get; init; }
}

/// <summary>A network's result on the validation cases.</summary>
/// <param name="Dice">Dice of each foreground label, label 1 first; null for a label that never occurs.</param>
/// <param name="Mean">The mean over the labels that occur.</param>
public sealed record ValidationRecord(IReadOnlyList<double?> Dice, double Mean)
{
    /// <summary>How many windows it is an estimate from; null if all of every case was predicted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Windows { get; init; }
}
