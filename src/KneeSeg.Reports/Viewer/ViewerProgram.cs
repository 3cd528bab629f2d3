using System.IO.Compression;
using System.Text;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Viewer;

/// <summary>
/// What a page needs to show cases: NiiVue, which builds may bring (<c>build/viewer</c>), and our own script. Both are
/// embedded, so that the page needs no network.
/// </summary>
public sealed class ViewerProgram
{
    private readonly byte[] niivue;

    private ViewerProgram(byte[] niivue) => this.niivue = niivue;

    private static string File => Path.Combine(AppContext.BaseDirectory, "viewer", "niivue.umd.js");

    /// <summary>What to say where there is none.</summary>
    public static ProblemException Missing =>
        new(
            ExitCode.Resources,
            File,
            "the viewer is not part of this build of KneeSeg, since NiiVue was not downloaded",
            "Run build/viewer in the folder of KneeSeg's source, which takes NiiVue from npm, and then this command again"
        );

    /// <summary>The viewer; null if this build has none.</summary>
    public static ViewerProgram? Find() =>
        System.IO.File.Exists(File) ? new(System.IO.File.ReadAllBytes(File)) : null;

    /// <summary>A case within a page.</summary>
    /// <param name="packed">As <see cref="ViewedCase.Pack"/> writes it.</param>
    /// <param name="isOpen">Whether it opens with the page and not by a button.</param>
    internal static Markup Case(string packed, bool isOpen) =>
        Markup.Of(
            $"""
            <div class="viewer">{(
                isOpen ? Markup.None : Markup.Of($"""<button type="button">Open the viewer</button>""")
            )}<script type="application/json">{new Markup(packed)}</script></div>
            """
        );

    /// <summary>Style and scripts; they stand behind the cases.</summary>
    internal Markup Scripts =>
        Markup.Of(
            $"""
            <style>{new Markup(Resource("viewer.css"))}</style>
            <!--
            {new Markup(Resource("niivue.txt"))}
            -->
            <script id="niivue" type="text/plain">{Zipped(niivue)}</script>
            <script>{new Markup(Resource("viewer.js"))}</script>
            """
        );

    private static string Zipped(byte[] script)
    {
        using var file = new MemoryStream();
        using (var zip = new GZipStream(file, CompressionLevel.SmallestSize))
            zip.Write(script);
        return Convert.ToBase64String(file.ToArray());
    }

    private static string Resource(string name)
    {
        using var file = typeof(ViewerProgram).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(file, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
