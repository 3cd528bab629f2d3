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
    [InlineData("""{ "name": "x", "rows": [] }""", ExitCode.Usage, ".rows", "empty")]
    [InlineData("""{ "name": "x", "row": [] }""", ExitCode.Usage, "unknown field 'row'", "'rows'")]
    [InlineData(
        """{ "name": "x", "rows": [ {} ] }""",
        ExitCode.Usage,
        ".rows[0]",
        "missing field 'spec'"
    )]
    [InlineData(
        """{ "name": "x", "rows": [ { "spec": "tiny-vnet" } ] }""",
        ExitCode.Usage,
        ".rows[0]",
        "missing field 'patch'"
    )]
    [InlineData(
        """{ "name": "x", "recipe": "best", "rows": [ { "spec": "tiny-vnet" } ] }""",
        ExitCode.Usage,
        ".recipe",
        "no such recipe or file 'best'"
    )]
    [InlineData(
        """{ "name": "x", "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet", "set": { "epoch": 3 } } ] }""",
        ExitCode.Usage,
        ".rows[0].set",
        "'epochs'"
    )]
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
            new SweepOverrides(null, null, [], null),
            spec => [Networks.Parse(spec)]
        );
        var request = new SweepRequest(sweep, workshop.Knees, workshop.At(name));
        SweepRunner.Prepare(request, 1, SilentProgress.Instance, default);
        Assert.Equal(
            parameters.Select(count => (long)count),
            SweepIndex.Read(workshop.At(name)).Rows.Select(row => row.Parameters)
        );
    }

    [Fact]
    public void Recipe_fields_by_their_earlier_names_still_set_them()
    {
        var file = workshop.Write(
            "earlier.json",
            """
            { "name": "x", "patch": "16x16x16", "set": { "dropEvery": 7 }, "rows": [
              { "spec": "tiny-vnet", "set": { "loss": "overall-dice", "accumulate": 1 } } ] }
            """
        );
        var recipe = SweepFile
            .Read(
                file,
                new SweepOverrides(null, null, ["batch=3", "batchSize=4"], null),
                spec => [Networks.Parse(spec)]
            )
            .Rows[0]
            .Recipe;
        Assert.Equal(
            (7, LossKind.PooledDice, 4),
            (recipe.DecayEvery, recipe.Loss, recipe.BatchSize)
        );
    }

    [Fact]
    public void An_earlier_and_a_current_name_of_one_field_are_refused() =>
        Sweep(
                workshop.Write(
                    "twice.json",
                    """{ "name": "x", "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet", "set": { "batch": 1, "batchSize": 2 } } ] }"""
                ),
                workshop.At("twice")
            )
            .IsProblem(ExitCode.Usage, ".rows[0].set", "duplicate field");

    [Fact]
    public void Without_data_and_phantoms_there_is_nothing_to_train_on() =>
        Kneeseg
            .Run(
                "sweep",
                workshop.Write(
                    "no-data.json",
                    """{ "name": "x", "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet" } ] }"""
                ),
                "--out",
                workshop.At("none")
            )
            .IsProblem(ExitCode.Usage, "--data");

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
