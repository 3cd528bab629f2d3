using System.Text.Json;

namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>Morphometry of cases at several visits, read from what <c>measure</c> or <c>evaluate</c> wrote.</summary>
public sealed class MeasuredCases
{
    private static readonly string[] FileNames = ["measurements.json", "evaluation.json"];

    private readonly string measure;
    private readonly Dictionary<string, CaseVisit>? visits;
    private readonly HashSet<string> seen = [];
    private readonly SortedSet<string> unlisted = new(StringComparer.Ordinal);
    private readonly SortedSet<string> measures = new(StringComparer.Ordinal);
    private readonly HashSet<Measurement> scans = [];
    private readonly List<Measurement> found = [];

    private MeasuredCases(string measure, string? visits)
    {
        this.measure = measure;
        this.visits = visits is null
            ? null
            : VisitTable.Read(visits).ToDictionary(visit => visit.Case);
    }

    /// <summary>Reads one measure of all cases.</summary>
    /// <param name="results">
    /// Files or their folders; as <c>NAME=PATH</c>, NAME is the reader. An evaluation has two, <c>reference</c> and
    /// <c>prediction</c>.
    /// </param>
    /// <param name="visits">A <see cref="VisitTable"/>; null where the results say what each case is.</param>
    /// <param name="measure">Such as <c>ThCtAB</c>.</param>
    /// <param name="say">Receives warnings.</param>
    /// <exception cref="ProblemException">
    /// A file can't be read, has no morphometry or not this measure, or no case is listed (exit 3).
    /// </exception>
    public static IReadOnlyList<Measurement> Read(
        IReadOnlyList<string> results,
        string? visits,
        string measure,
        Action<string> say
    )
    {
        var cases = new MeasuredCases(measure, visits);
        foreach (var result in results)
            cases.Add(result);
        return cases.Found(string.Join(" ", results), visits, say);
    }

    private IReadOnlyList<Measurement> Found(string results, string? table, Action<string> say)
    {
        if (found.Count == 0)
            throw measures.Count > 0 && !measures.Contains(measure)
                ? new ProblemException(
                    ExitCode.Usage,
                    $"--measure {measure}",
                    $"the results have {string.Join(", ", measures)}",
                    Suggestion.DidYouMean(measures, measure)
                )
                : new ProblemException(
                    ExitCode.Data,
                    results,
                    unlisted.Count == 0
                        ? "no case has the morphometry of a cartilage"
                        : $"no case is in {table}, such as {unlisted.Min}",
                    unlisted.Count == 0
                        ? "Run kneeseg measure or evaluate again, on labels whose names contain cartilage"
                        : "Write the cases' names into column case"
                );
        if (unlisted.Count > 0)
            say($"not in {table}, and left out: {string.Join(", ", unlisted)}");
        if (visits?.Keys.Except(seen).ToArray() is { Length: > 0 } missing)
            say($"in {table}, but not measured: {string.Join(", ", missing)}");
        return found;
    }

    private void Add(string result)
    {
        var (reader, path) =
            !Path.Exists(result) && result.IndexOf('=') is > 0 and var sign
                ? (result[..sign], result[(sign + 1)..])
                : (null, result);
        var file = FileOf(path);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var one in json.RootElement.GetProperty("cases").EnumerateArray())
                AddCase(one, reader, file);
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException
                || WriteError.Matches(e)
            )
        {
            throw new ProblemException(
                ExitCode.Data,
                file,
                $"it can't be read as measurements ({e.Message.TrimEnd('.')})",
                "Run kneeseg measure or evaluate again",
                e
            );
        }
    }

    private void AddCase(JsonElement one, string? reader, string file)
    {
        var id = one.GetProperty("id").GetString()!;
        seen.Add(id);
        if ((visits is null ? Own(one, id, file) : visits.GetValueOrDefault(id)) is not { } visit)
        {
            unlisted.Add(id);
            return;
        }
        var scan = new Scan(visit, reader, file);
        foreach (var label in Items(one, "labels"))
            if (label.TryGetProperty("morphometry", out var morphometry))
                AddRegions(morphometry, "regions", scan, label.GetProperty("name").GetString()!);
        AddRegions(one, "composites", scan, "");
    }

    // Those of a case, or of its reference and its prediction.
    private void AddRegions(JsonElement place, string list, Scan scan, string structure)
    {
        if (place.ValueKind != JsonValueKind.Object)
            return;
        foreach (var side in new[] { "reference", "prediction" })
            if (place.TryGetProperty(side, out var of))
            {
                var reader = scan.Reader is null ? side : $"{scan.Reader} {side}";
                AddRegions(of, list, scan with { Reader = reader }, structure);
            }
        foreach (var region in Items(place, list))
        {
            var numbers = region
                .EnumerateObject()
                .Where(field => field.Value.ValueKind == JsonValueKind.Number)
                .ToDictionary(field => field.Name, field => field.Value.GetDouble());
            measures.UnionWith(numbers.Keys);
            var name = region.GetProperty("region").GetString()!;
            if (numbers.TryGetValue(measure, out var value))
                Add(scan, name == "whole" ? structure : name, value);
        }
    }

    private void Add(Scan scan, string region, double value)
    {
        var (visit, reader, file) = scan;
        Measurement one = new(
            visit.Subject,
            visit.Knee,
            region,
            visit.Visit,
            visit.Scan,
            visit.Years,
            value,
            reader
        );
        if (!scans.Add(one with { Years = null, Value = 0 }))
            throw new ProblemException(
                ExitCode.Data,
                file,
                $"{region} of {visit.Subject} {visit.Knee}, visit {visit.Visit}, scan {visit.Scan} is measured twice",
                "For two readers, name them: kneeseg longitudinal reader=PATH network=PATH"
            );
        found.Add(one);
    }

    // What a case says of itself; null where it does not.
    private static CaseVisit? Own(JsonElement one, string id, string file)
    {
        string? Text(string name) =>
            one.TryGetProperty(name, out var field) ? field.ToString() : null;
        double? Number(string name) =>
            one.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Number
                ? field.GetDouble()
                : null;
        return
            Text("subject") is { } subject
            && Text("knee") is { } knee
            && Number("visit") is { } visit
            ? new(id, subject, knee, (int)visit, (int)(Number("scan") ?? 1), Number("years"))
            : throw new ProblemException(
                ExitCode.Usage,
                file,
                $"it does not say which visit case {id} is",
                "Pass --visits TABLE.csv with the columns case, subject, knee, visit, scan and years"
            );
    }

    private static IEnumerable<JsonElement> Items(JsonElement of, string list) =>
        of.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray()
            : [];

    private static string FileOf(string path) =>
        !Directory.Exists(path)
            ? path
            : FileNames.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
                ?? throw new ProblemException(
                    ExitCode.Data,
                    path,
                    $"has neither {string.Join(" nor ", FileNames)}",
                    "Run kneeseg measure LABELS --out DIR first"
                );

    private sealed record Scan(CaseVisit Visit, string? Reader, string File);
}
