namespace KneeSeg.Cli.Tests;

/// <summary>What <c>longitudinal</c> prints and writes; its numbers have tests of their own.</summary>
public sealed class LongitudinalTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_table_becomes_json_tables_and_a_page()
    {
        File.WriteAllText(
            At("table.csv"),
            """
            subject,knee,region,visit,scan,years,value
            1,left,cMT,0,1,0,1.912
            1,left,cMT,0,2,0,1.897
            1,left,cMT,1,1,1.02,1.861
            2,left,cMT,0,1,0,1.653
            2,left,cMT,0,2,0,1.681
            2,left,cMT,1,1,0.98,1.642
            3,left,cMT,0,1,0,1.784
            """
        );
        var done = Kneeseg
            .Run("longitudinal", At("table.csv"), "--out", At("change"), "--json")
            .IsDone();
        Assert.Equal(File.ReadAllText(At("change/longitudinal.json")), done.Output);
        Assert.Contains("1 of 3 knees (3 left) have no visit 1", done.Error);
        foreach (
            var name in new[] { "longitudinal.csv", "changes.csv", "knees.csv", "report.html" }
        )
            Assert.True(File.Exists(At($"change/{name}")), name);
    }

    private string At(string name) => Path.Combine(folder, name);
}
