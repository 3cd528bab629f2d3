namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>Which knee, visit and scan a case is.</summary>
/// <param name="Case">The case.</param>
/// <param name="Subject">Whose knee it is.</param>
/// <param name="Knee">Which of the subject's knees, such as <c>left</c>.</param>
/// <param name="Visit">0 is the baseline.</param>
/// <param name="Scan">1 is the first scan of the visit; others repeat it.</param>
/// <param name="Years">Years since the baseline; null where unknown.</param>
public sealed record CaseVisit(
    string Case,
    string Subject,
    string Knee,
    int Visit,
    int Scan,
    double? Years
);

/// <summary>A list of visits: a table with the columns <c>case, subject, knee, visit, scan, years</c>.</summary>
public static class VisitTable
{
    private static readonly string[] Required = ["case", "subject", "knee", "visit"];

    /// <summary>Reads a table; <c>scan</c> is 1 and <c>years</c> are unknown where they are absent.</summary>
    /// <exception cref="ProblemException">
    /// A column is missing, a field is wrong, or a case or a scan is there twice (exit 3).
    /// </exception>
    public static IReadOnlyList<CaseVisit> Read(string path)
    {
        Dictionary<string, int> cases = [];
        Dictionary<CaseVisit, string> scans = [];
        List<CaseVisit> all = [];
        foreach (var row in CsvFile.Read(path, Required).Rows)
        {
            CaseVisit one = new(
                row.Name("case"),
                row.Name("subject"),
                row.Name("knee"),
                row.Whole("visit", 0),
                row.Whole("scan", 1, absent: 1),
                row.Number("years")
            );
            if (!cases.TryAdd(one.Case, row.Line))
                throw row.Problem(
                    $"case {one.Case} is already in line {cases[one.Case]}",
                    "List each case once"
                );
            var scan = one with { Case = "", Years = null };
            if (!scans.TryAdd(scan, one.Case))
                throw row.Problem(
                    $"it is the same scan as case {scans[scan]}",
                    "Number repeated scans of a visit 1, 2, … in column scan"
                );
            all.Add(one);
        }
        return all;
    }
}
