using KneeSeg.Data.Phantoms;
using KneeSeg.Reports.Viewer;

namespace KneeSeg.Cli.Tests;

/// <summary>What <c>view</c> makes of a generated knee.</summary>
public sealed class ViewTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_knee_becomes_a_page_or_an_error_that_says_how_to_get_the_viewer()
    {
        var knee = PhantomSet.Write(At("knees"), 1, new(16, 32, 32)).Cases[0];

        var answer = Kneeseg.Run(
            "view",
            knee.Image,
            "--labels",
            knee.Labels!,
            "--out",
            At("page.html")
        );

        if (ViewerProgram.Find() is null)
        {
            answer.IsProblem(ExitCode.Resources, "niivue.umd.js", "build/viewer");
            Assert.False(File.Exists(At("page.html")));
            return;
        }
        answer.IsDone();
        Assert.Contains("\"femoral cartilage\"", File.ReadAllText(At("page.html")));
    }

    private string At(string name) => Path.Combine(folder, name);
}
