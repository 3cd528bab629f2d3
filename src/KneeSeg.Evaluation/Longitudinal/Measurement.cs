namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>One value of one region of a knee, at one scan of a visit.</summary>
/// <param name="Subject">Whose knee it is.</param>
/// <param name="Knee">Which of the subject's knees, such as <c>left</c>.</param>
/// <param name="Region">The region, such as <c>cMT</c>.</param>
/// <param name="Visit">0 is the baseline.</param>
/// <param name="Scan">1 is the first scan of the visit; others repeat it.</param>
/// <param name="Years">Years since the baseline; null where unknown.</param>
/// <param name="Value">The value, mostly in mm.</param>
/// <param name="Reader">Who or what measured it; null where all is of one reader.</param>
public sealed record Measurement(
    string Subject,
    string Knee,
    string Region,
    int Visit,
    int Scan,
    double? Years,
    double Value,
    string? Reader = null
);

/// <summary>Measurements of a table in long form.</summary>
public static class MeasurementTable
{
    private static readonly string[] Required = ["subject", "knee", "region", "visit", "value"];

    /// <summary>
    /// Reads a table with the columns <c>subject, knee, region, visit, scan, years, value</c> and, for agreement,
    /// <c>reader</c> or <c>source</c>. <c>scan</c> is 1 and <c>years</c> are unknown where they are absent; rows without a
    /// value are left out.
    /// </summary>
    /// <param name="path">The table.</param>
    /// <exception cref="ProblemException">A column is missing, a field is wrong, or a row is there twice (exit 3).</exception>
    public static IReadOnlyList<Measurement> Read(string path)
    {
        var file = CsvFile.Read(path, Required);
        var reader = file.Has("reader") ? "reader" : "source";
        List<Measurement> all = [];
        Dictionary<Measurement, int> lines = [];
        foreach (var row in file.Rows)
        {
            Measurement scan = new(
                row.Name("subject"),
                row.Name("knee"),
                row.Name("region"),
                row.Whole("visit", 0),
                row.Whole("scan", 1, absent: 1),
                null,
                0,
                file.Has(reader) ? row.Name(reader) : null
            );
            if (!lines.TryAdd(scan, row.Line))
                throw row.Problem(
                    $"the same scan of the same region as in line {lines[scan]}",
                    "Number repeated scans of a visit 1, 2, … in column scan"
                );
            if (row.Number("value") is { } value)
                all.Add(scan with { Years = row.Number("years"), Value = value });
        }
        return all.Count > 0
            ? all
            : throw new ProblemException(
                ExitCode.Data,
                path,
                "has no values",
                "Write a row for each scan and region"
            );
    }
}
