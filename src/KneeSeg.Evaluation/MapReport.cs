using System.Text.Json;

namespace KneeSeg.Evaluation;

/// <summary>Maps measured in the labels of cases.</summary>
/// <param name="Format">The version of these fields.</param>
/// <param name="Bins">The histograms' bins, by map.</param>
/// <param name="Measurements">One for each map of a case, in its reference labels, its predicted ones, or both.</param>
public sealed record MapReport(
    int Format,
    IReadOnlyDictionary<string, HistogramBins> Bins,
    IReadOnlyList<CaseMap> Measurements
)
{
    /// <summary>The name of the file beside predictions.</summary>
    public const string FileName = "maps.json";

    /// <summary>Writes it.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Save(string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(this, JsonStyle.Indented));
}

/// <summary>A map of a case in one of its label volumes.</summary>
/// <param name="Case">The case.</param>
/// <param name="Map">The map's name.</param>
/// <param name="Labels"><c>reference</c> or <c>prediction</c>.</param>
/// <param name="Structures">Each structure, followed by its regions.</param>
public sealed record CaseMap(
    string Case,
    string Map,
    string Labels,
    IReadOnlyList<MappedStructure> Structures
);
