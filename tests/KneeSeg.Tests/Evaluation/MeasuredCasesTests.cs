using KneeSeg.Evaluation.Longitudinal;

namespace KneeSeg.Tests.Evaluation;

/// <summary>Results of <c>measure</c> and <c>evaluate</c> with a list of visits become measurements.</summary>
public sealed class MeasuredCasesTests : IDisposable
{
    private const string Measured = """
        { "format": 1, "cases": [
          { "id": "k0", "labels": [
            { "label": 1, "name": "meniscus" },
            { "label": 2, "name": "medial tibial cartilage", "morphometry": { "boneInterface": "inferred", "regions": [
              { "region": "whole", "tAB": 900, "ThCtAB": 2.0, "Miv": null }, { "region": "cMT", "tAB": 180, "ThCtAB": 3.0 } ] } } ],
            "composites": [ { "region": "MFTC", "ThCtAB": 4.0 } ] },
          { "id": "k1", "labels": [
            { "label": 2, "name": "medial tibial cartilage", "morphometry": { "boneInterface": "inferred", "regions": [
              { "region": "whole", "tAB": 900, "ThCtAB": 1.5 } ] } } ] },
          { "id": "k2", "labels": [] } ], "failed": [] }
        """;

    private const string Visits = """
        case,subject,knee,visit,scan,years
        k0,a,left,0,1,0
        k1,a,left,1,1,1.1
        k9,b,left,0,1,0
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Each_region_and_composite_of_a_listed_case_is_a_value()
    {
        Write("measurements.json", Measured);
        List<string> said = [];
        var found = MeasuredCases.Read([folder], Write("visits.csv", Visits), "ThCtAB", said.Add);
        Assert.Equal(
            [
                new Measurement("a", "left", "medial tibial cartilage", 0, 1, 0, 2),
                new Measurement("a", "left", "cMT", 0, 1, 0, 3),
                new Measurement("a", "left", "MFTC", 0, 1, 0, 4),
                new Measurement("a", "left", "medial tibial cartilage", 1, 1, 1.1, 1.5),
            ],
            found
        );
        Assert.Equal(2, said.Count);
        Assert.Contains("k2", said[0]);
        Assert.Contains("k9", said[1]);
    }

    [Fact]
    public void Reference_and_prediction_of_an_evaluation_are_two_readers()
    {
        var file = Write(
            "evaluation.json",
            """
            { "cases": [ { "id": "k0", "subject": "a", "knee": "left", "visit": 0, "labels": [ { "name": "tibia", "morphometry": {
              "reference": { "regions": [ { "region": "whole", "VC": 10 } ] },
              "prediction": { "regions": [ { "region": "whole", "VC": 11 } ] } } } ] } ] }
            """
        );
        var found = MeasuredCases.Read([file], null, "VC", _ => { });
        Assert.Equal(
            [("reference", 10.0), ("prediction", 11.0)],
            found.Select(one => (one.Reader, one.Value))
        );
        var named = MeasuredCases.Read([$"net={file}"], null, "VC", _ => { });
        Assert.Equal("net prediction", named[1].Reader);
    }

    [Fact]
    public void Named_results_are_readers_and_unnamed_ones_measured_twice_are_refused()
    {
        var file = Write("measurements.json", Measured);
        var visits = Write("visits.csv", Visits);
        var found = MeasuredCases.Read([$"A={file}", $"B={file}"], visits, "ThCtAB", _ => { });
        Assert.Equal(["A", "B"], found.Select(one => one.Reader).Distinct());
        Refused(
            () => MeasuredCases.Read([file, file], visits, "ThCtAB", _ => { }),
            "measured twice"
        );
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        var file = Write("measurements.json", Measured);
        var visits = Write("visits.csv", Visits);
        Refused(
            () => MeasuredCases.Read([file], visits, "ThCAB", _ => { }),
            "the results have",
            "'ThCtAB'"
        );
        Refused(
            () => MeasuredCases.Read([file], null, "ThCtAB", _ => { }),
            "which visit case k0 is",
            "--visits"
        );
        var others = Write("others.csv", "case,subject,knee,visit\nx,a,left,0");
        Refused(() => MeasuredCases.Read([file], others, "ThCtAB", _ => { }), "such as k0");
        Refused(
            () => MeasuredCases.Read([Path.Combine(folder, "none")], null, "VC", _ => { }),
            "can't be read"
        );
        Refused(
            () => MeasuredCases.Read([Write("x.json", "[]")], null, "VC", _ => { }),
            "can't be read"
        );
        Refused(
            () =>
                MeasuredCases.Read(
                    [Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName],
                    null,
                    "VC",
                    _ => { }
                ),
            "has neither measurements.json nor evaluation.json"
        );
    }

    [Fact]
    public void A_list_with_a_case_or_a_scan_twice_is_refused()
    {
        Refused(
            () =>
                VisitTable.Read(Write("a.csv", "case,subject,knee,visit\nx,a,left,0\nx,a,left,1")),
            "already in line 2"
        );
        Refused(
            () =>
                VisitTable.Read(Write("b.csv", "case,subject,knee,visit\nx,a,left,0\ny,a,left,0")),
            "same scan as case x"
        );
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static void Refused(Action read, params string[] said)
    {
        var problem = Assert.Throws<ProblemException>(read);
        foreach (var word in said)
            Assert.Contains(word, problem.Message);
    }
}
