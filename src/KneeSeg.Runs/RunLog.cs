using System.Text.Json;

namespace KneeSeg.Runs;

/// <summary>The log of a run, one line of JSON per epoch. A truncated last line is skipped.</summary>
public static class RunLog
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

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

    /// <summary>Rewrites the whole log, so that no line is ever incomplete.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void Write(string path, IEnumerable<EpochRecord> records) =>
        AtomicFile.WriteText(
            path,
            string.Concat(
                records.Select(record => JsonSerializer.Serialize(record, Options) + "\n")
            )
        );
}
