using KneeSeg.Cli.Tests.Docs;
using KneeSeg.Dsl;
using KneeSeg.Experiments.Sweeps;
using KneeSeg.Runs;

namespace KneeSeg.Cli.Tests;

/// <summary>What a sweep's file says, and what is said of one that can't be run.</summary>
public sealed class SweepFileTests(Workshop workshop) : IClassFixture<Workshop>
{
    private Answer Sweep(string file, string folder) =>
        Kneeseg.Run("sweep", file, "--data", workshop.Knees, "--out", folder);

    [Theory]
    [InlineData(
        """{ "name": "x", "patch": "16x16x16", "rows": [ { "spec": "tiny-vmet" } ] }""",
        ExitCode.Usage,
        ".rows[0].spec",
        "tiny-vnet"
    )]
    [InlineData(
        """{ "name": "x", "patch": "16x17x16", "rows": [ { "name": "odd", "spec": "tiny-vnet" } ] }""",
        ExitCode.Spec,
        ".rows[0] 'odd'",
        "17"
    )]
    [InlineData("{", ExitCode.Usage, "not valid JSON")]
    public void What_is_wrong_in_a_file_is_named_by_its_path_before_anything_runs(
        string text,
        ExitCode exit,
        params string[] says
    )
    {
        var folder = workshop.At("never");
        Sweep(workshop.Write("bad.json", text), folder).IsProblem(exit, says);
        Assert.False(Directory.Exists(folder));
    }

    // Parameters as published, but for the two small relative networks, which depart (3,199 and 3,174 were published).
    [Theory]
    [InlineData("baseline", 1_293, 1_428, 5_616, 1_403)]
    [InlineData("vnet", 390, 390, 1_403, 5_591, 1_363, 1_403, 13_985, 30_936)]
    [InlineData("vnet-quick", 390, 390, 1_403, 5_591, 1_363, 1_403, 13_985, 30_936)]
    public void The_published_comparisons_have_the_published_networks(
        string name,
        params int[] parameters
    )
    {
        var sweep = SweepFile.Read(
            Repository.At($"examples/sweeps/{name}.json"),
            new SweepOverrides(null, null, [], null)
        );
        var networks = sweep
            .Rows.Select(row => row.Spec)
            .Distinct()
            .ToDictionary(
                spec => spec,
                IReadOnlyList<NetworkSpec> (spec) => [Networks.Parse(spec)]
            );
        var request = new SweepRequest(sweep, networks, workshop.Knees, workshop.At(name));
        SweepRunner.Prepare(request, 1, SilentProgress.Instance, default);
        Assert.Equal(
            parameters.Select(count => (long)count),
            SweepIndex.Read(workshop.At(name)).Rows.Select(row => row.Parameters)
        );
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_one_block() =>
        Sweep(
                workshop.Write(
                    "place.json",
                    """{ "name": "x", "recipe": "published-vnet", "set": { "epochs": 3, "stepsPerEpoch": 2 }, "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet" } ] }"""
                ),
                "/proc/nowhere"
            )
            .IsProblem(ExitCode.Resources, "/proc/nowhere");
}
