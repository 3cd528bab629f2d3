using KneeSeg.Reports.Html;
using KneeSeg.Reports.Viewer;

namespace KneeSeg.Reports.Page;

/// <summary>The page of <c>view</c>: one case in a self-contained file.</summary>
public static class ViewerPage
{
    // At most 13.3 MB in base64, also of an image that is all noise.
    private const long MostVoxels = 10_000_000;

    private static readonly Markup Wide = new(
        "<style>main { max-width: none; padding: 1rem; } h1 { font-size: 1.3rem; margin: 0; }</style>"
    );

    /// <summary>The page.</summary>
    /// <param name="viewed">The case.</param>
    /// <param name="viewer">The viewer.</param>
    public static string Draw(ViewedCase viewed, ViewerProgram viewer) =>
        PageFrame
            .Draw(
                viewed.Id,
                viewed.Labels.Count,
                Markup.Of(
                    $"""
                    {Wide}
                    <header><p class="kind">KneeSeg · viewer</p><h1>{viewed.Id}</h1></header>
                    {ViewerProgram.Case(viewed.Pack(MostVoxels), isOpen: true)}
                    {viewer.Scripts}
                    """
                )
            )
            .Source;
}
