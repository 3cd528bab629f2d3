using System.Text.Json;

namespace KneeSeg.Runs;

/// <summary>The log of a run, a line of JSON an epoch. A last line that a kill cut short is left out.</summary>
public static class RunLog
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>Every whole line; none where there is no log.</summary>
    public static IReadOnlyList<EpochRecord> Read(string path)
    {
        if (!File.Exists(path))
            return [];
        var records = new List<EpochRecord>();
        foreach (var line in File.ReadLines(path))
        {
            try
            {
                if (JsonSerializer.Deserialize<EpochRecord>(line, Options) is { } record)
                    records.Add(record);
            }
            catch (JsonException)
            {
                break;
            }
        }
        return records;
    }

    /// <summary>Writes the log anew: few lines, and so never one that is half there.</summary>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public static void Write(string path, IEnumerable<EpochRecord> records) =>
        AtomicFile.WriteText(
            path,
            string.Concat(
                records.Select(record => JsonSerializer.Serialize(record, Options) + "\n")
            )
        );
}
