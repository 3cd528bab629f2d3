using KneeSeg.Rendering;

namespace KneeSeg.Reports.Content;

/// <summary>A case that a report can show. Its volumes are loaded only while it is drawn.</summary>
/// <param name="Id">The case, as the evaluation names it.</param>
/// <param name="Load">Reads its volumes.</param>
public sealed record CasePicture(string Id, Func<CaseVolumes> Load);
