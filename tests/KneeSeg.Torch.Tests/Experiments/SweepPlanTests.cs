using KneeSeg.Dsl;
using KneeSeg.Experiments.Sweeps;
using KneeSeg.Runs;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>The runs that a sweep comes down to, and what is refused before one starts.</summary>
public sealed class SweepPlanTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private SweepRequest Request(string rows, string more = "")
    {
        var path = Path.Combine(folder, "sweep.json");
        File.WriteAllText(
            path,
            $$"""
            { "name": "x", "patch": "16x16x16", "set": { "epochs": 2, "stepsPerEpoch": 3 }, {{more}}
              "rows": [ {{rows}} ] }
            """
        );
        return SweepNetworks.Request(path, data: null, folder);
    }

    private SweepPlan Plan(
        string rows,
        string more = """ "phantoms": { "count": 3, "size": "16x32x32" }, """
    ) => SweepPlan.Of(Request(rows, more), threads: 1);

    private static string[] Names(SweepPlan plan) =>
        [.. plan.Runs.Select(run => Path.GetFileName(run.Run))];

    [Fact]
    public void Equal_runs_are_trained_once_and_shown_in_each_of_their_rows()
    {
        var plan = Plan(
            """
            { "name": "first", "spec": "tiny-vnet", "repeats": 2 },
            { "name": "the same", "spec": "tiny-vnet" },
            { "name": "longer", "spec": "tiny-vnet", "set": { "epochs": 3 } }
            """
        );
        Assert.Equal(["first-r1", "first-r2", "longer-r1"], Names(plan));
        Assert.Equal(
            [
                ["first-r1", "first-r2"],
                ["first-r1"],
                ["longer-r1"],
            ],
            plan.Index.Rows.Select(row => row.Runs.Select(run => run.Name).ToArray())
        );
    }

    [Fact]
    public void A_row_trains_on_the_sources_that_it_names()
    {
        var plan = Plan(
            """
            { "name": "both", "spec": "tiny-vnet", "sources": ["a", "b"] },
            { "name": "alone", "spec": "tiny-vnet", "sources": ["a"] },
            { "name": "all", "spec": "tiny-vnet" }
            """,
            """
            "phantoms": { "count": 3, "size": "16x32x32", "sources": {
              "a": { "count": 3, "seed": 11, "structures": ["femoral cartilage", "medial meniscus"] },
              "b": { "count": 3, "seed": 21, "structures": ["patellar cartilage", "femoral cartilage"] } } },
            """
        );
        string At(string name) => Path.Combine(folder, name);
        Assert.Equal(
            [
                [At("sources/a"), At("sources/b")],
                [At("sources/a")],
                [At("knees")],
            ],
            plan.Runs.Select(run => run.FurtherData.Prepend(run.Data).ToArray())
        );
        // The classes of each network are the structures of its sources.
        Assert.Equal(3, plan.Index.Rows.Select(row => row.Hash).Distinct().Count());
    }

    [Fact]
    public void A_run_has_its_rows_recipe_and_its_own_seed()
    {
        var plan = Plan("""{ "spec": "tiny-vnet", "patch": "32x16x16", "seeds": [7, 3] }""");
        Assert.Equal([7, 3], plan.Runs.Select(run => run.Recipe.Seed));
        Assert.Equal([7, 3], plan.Index.Rows[0].Runs.Select(run => run.Seed));
        Assert.All(
            plan.Runs,
            run => Assert.Equal(("32x16x16", 6), ($"{run.Recipe.Patch}", run.Recipe.Steps))
        );
    }

    [Fact]
    public void Rows_with_one_spec_share_its_network_so_that_it_is_built_once()
    {
        var plan = Plan(
            """
            { "name": "small", "spec": "tiny-vnet" },
            { "name": "large", "spec": "tiny-vnet", "patch": "32x32x32" }
            """
        );
        Assert.Same(plan.Runs[0].Spec, plan.Runs[1].Spec);
    }

    [Fact]
    public void A_script_with_several_networks_makes_a_row_of_each()
    {
        var plan = Plan("""{ "spec": "two.fsx" }""");
        Assert.Equal(["tiny-vnet", "unet3d+tiny"], plan.Index.Rows.Select(row => row.Name));
        Assert.Equal(2, plan.Runs.Count);
    }

    [Fact]
    public void Names_that_give_one_folder_name_get_folders_of_their_own() =>
        Assert.Equal(
            ["a-b-r1", "a-b-r1-b"],
            Names(
                Plan(
                    """
                    { "name": "a b", "spec": "tiny-vnet" },
                    { "name": "a/b", "spec": "unet3d+tiny" }
                    """
                )
            )
        );

    [Theory]
    [InlineData(
        """{ "name": "odd", "spec": "tiny-vnet", "patch": "16x17x16" }""",
        ExitCode.Spec,
        ".rows[0] 'odd', ",
        "17"
    )]
    [InlineData(
        """{ "name": "flat", "spec": "tiny-vnet", "patch": "16x16" }""",
        ExitCode.Usage,
        ".rows[0] 'flat', ",
        ""
    )]
    [InlineData(
        """{ "spec": "tiny-vnet" }, { "spec": "tiny-vnet" }""",
        ExitCode.Usage,
        ".rows[1]",
        "duplicate row name 'tiny-vnet'"
    )]
    [InlineData(
        """{ "name": "both", "spec": "two.fsx" }""",
        ExitCode.Usage,
        ".rows[0].name",
        "one name for 2 networks"
    )]
    public void A_row_that_cannot_be_trained_is_refused(
        string rows,
        ExitCode exit,
        string where,
        string what
    )
    {
        var problem = Assert.Throws<ProblemException>(() => Plan(rows));
        Assert.Equal(exit, problem.Exit);
        Assert.StartsWith(Path.Combine(folder, "sweep.json") + where, problem.Where);
        Assert.Contains(what, $"{problem.Where} {problem.What}");
    }

    [Fact]
    public void Without_data_and_phantoms_there_is_nothing_to_train_on()
    {
        var problem = Assert.Throws<ProblemException>(() =>
            Plan("""{ "spec": "tiny-vnet" }""", more: "")
        );
        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.Contains("no data: neither --data nor 'phantoms'", problem.What);
    }

    [Fact]
    public void The_cost_of_each_row_is_known_before_a_run_starts()
    {
        var plan = Plan("""{ "name": "tiny", "spec": "tiny-vnet", "repeats": 2 }""");
        var line = Assert.Single(SweepEstimate.Table(plan.Index));
        Assert.Matches(
            @"^tiny: \d+ parameters, \d+\.\d{3} GMACs, \d+ MB peak memory, 2 × 6 steps$",
            line
        );
    }

    [Fact]
    public void The_time_left_is_estimated_from_finished_epochs()
    {
        // Eight times the voxels: as many seconds per step as the other row, or eight times as many.
        var index = Plan(
            """
            { "name": "small", "spec": "tiny-vnet" },
            { "name": "large", "spec": "tiny-vnet", "patch": "32x32x32" }
            """
        ).Index;
        Assert.Equal(
            "2 runs left; the remaining time is estimated after the first",
            SweepEstimate.Of(folder, index)
        );
        Log("small-r1", epochs: 1);
        Assert.Equal(
            "2 of 2 runs left, about 3.0 to 17.0 minutes of training",
            SweepEstimate.Of(folder, index)
        );
        Log("small-r1", epochs: 2);
        Assert.Equal(
            "1 of 2 runs left, about 2.0 to 16.0 minutes of training",
            SweepEstimate.Of(folder, index)
        );
        Log("large-r1", epochs: 2);
        Assert.Equal("all 2 runs are finished", SweepEstimate.Of(folder, index));
    }

    // Three steps in a minute.
    private void Log(string run, int epochs) =>
        RunLog.Write(
            RunFolder.At(SweepIndex.RunOf(folder, run)).LogFile,
            Enumerable
                .Range(1, epochs)
                .Select(epoch => new EpochRecord(epoch, 3 * epoch, 1, 1e-3, 60, null))
        );
}

/// <summary>Requests whose specs are names, and <c>two.fsx</c>, a script with two networks.</summary>
internal static class SweepNetworks
{
    public static SweepRequest Request(string file, string? data, string folder)
    {
        var sweep = SweepFile.Read(file, new SweepOverrides(null, null, [], null));
        return new(
            sweep,
            sweep
                .Rows.Select(row => row.Spec)
                .Distinct()
                .ToDictionary(
                    spec => spec,
                    IReadOnlyList<NetworkSpec> (spec) =>
                        Path.GetFileName(spec) is "two.fsx"
                            ? [Networks.Parse("tiny-vnet"), Networks.Parse("unet3d+tiny")]
                            : [Networks.Parse(spec)]
                ),
            data,
            folder
        );
    }
}
