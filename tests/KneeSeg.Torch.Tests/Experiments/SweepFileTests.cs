using KneeSeg.Data.Phantoms;
using KneeSeg.Dsl;
using KneeSeg.Experiments.Sweeps;
using KneeSeg.Runs;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>What a sweep file asks for, and what is refused with which message.</summary>
public sealed class SweepFileTests : IDisposable
{
    private static readonly SweepOverrides None = new(null, null, [], null);

    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private SweepFile Read(string text, SweepOverrides? overrides = null)
    {
        var path = Path.Combine(folder, "sweep.json");
        File.WriteAllText(path, text);
        return SweepFile.Read(path, overrides ?? None);
    }

    private SweepFileRow Row(string row, SweepOverrides? overrides = null) =>
        Read($$"""{ "name": "x", "rows": [ {{row}} ] }""", overrides).Rows[0];

    [Theory]
    [InlineData("""{ "name": "x", "rows": [] }""", ".rows", "not a list, or empty")]
    [InlineData("""{ "name": "x", "row": [] }""", "", "unknown field 'row'")]
    [InlineData("""{ "name": "x", "rows": [ {} ] }""", ".rows[0]", "missing field 'spec'")]
    [InlineData(
        """{ "name": "x", "rows": [ { "spec": "tiny-vnet" } ] }""",
        ".rows[0]",
        "missing field 'patch'"
    )]
    [InlineData(
        """{ "name": "x", "recipe": "best", "rows": [ { "spec": "tiny-vnet" } ] }""",
        ".recipe",
        "no such recipe or file 'best'"
    )]
    [InlineData(
        """{ "name": "x", "rows": [ { "spec": "tiny-vnet", "set": { "epoch": 3 } } ] }""",
        ".rows[0].set",
        "unknown field 'epoch'"
    )]
    [InlineData(
        """{ "name": "x", "rows": [ { "spec": "tiny-vnet", "set": { "batch": 1, "batchSize": 2 } } ] }""",
        ".rows[0].set",
        "duplicate field 'batchSize'"
    )]
    [InlineData(
        """{ "name": "x", "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet", "seeds": [3, 3] } ] }""",
        ".rows[0].seeds",
        "duplicate seed"
    )]
    [InlineData(
        """{ "name": "x", "patch": "16x16x16", "repeats": 3, "rows": [ { "spec": "tiny-vnet", "seeds": [1, 2] } ] }""",
        ".repeats",
        "3 repeats, but 2 seeds"
    )]
    [InlineData(
        """{ "name": "x", "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet", "repeats": 0 } ] }""",
        ".rows[0].repeats",
        "not an integer of at least 1"
    )]
    [InlineData(
        """{ "name": "x", "patch": "16x16x16", "phantoms": { "count": 3, "size": "16x16" }, "rows": [ { "spec": "tiny-vnet" } ] }""",
        ".phantoms.size",
        "not a size"
    )]
    [InlineData(
        """{ "name": "x", "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet", "sources": ["a"] } ] }""",
        ".rows[0].sources[0]",
        "no such source 'a'"
    )]
    [InlineData(
        """{ "name": "x", "patch": "16x16x16", "phantoms": { "count": 3, "size": "16x16x16", "contrast": "pd" }, "rows": [ { "spec": "tiny-vnet" } ] }""",
        ".phantoms.contrast",
        "contrast \"pd\" phantoms have no such contrast"
    )]
    public void What_is_wrong_in_a_file_is_named_by_its_path(string text, string where, string what)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(text));
        Assert.Equal(
            (ExitCode.Usage, Path.Combine(folder, "sweep.json") + where, what),
            (problem.Exit, problem.Where, problem.What)
        );
    }

    [Fact]
    public void Generated_knees_may_have_another_contrast()
    {
        var phantoms = Read(
            """
            { "name": "x", "patch": "16x16x16", "rows": [ { "spec": "tiny-vnet" } ], "phantoms": {
              "count": 3, "size": "16x16x16", "contrast": "t1", "sources": { "a": { "count": 3, "seed": 9 } } } }
            """
        ).Phantoms!;
        Assert.Equal(
            (PhantomContrast.T1, PhantomContrast.Dess),
            (phantoms.Contrast, phantoms.Sources[0].Contrast)
        );
    }

    [Fact]
    public void A_file_that_is_missing_or_not_JSON_is_refused()
    {
        Assert.Contains("not valid JSON", Assert.Throws<ProblemException>(() => Read("{")).What);
        foreach (var name in new[] { "none.json", "none.fsx" })
            Assert.Equal(
                ExitCode.Data,
                Assert
                    .Throws<ProblemException>(() =>
                        SweepFile.Read(Path.Combine(folder, name), None)
                    )
                    .Exit
            );
    }

    [Fact]
    public void A_rows_setting_comes_before_the_commands_and_the_commands_before_the_files()
    {
        var file = Read(
            """
            { "name": "x", "patch": "16x16x16", "repeats": 2, "set": { "epochs": 1, "warmup": 1, "batchSize": 1 }, "rows": [
              { "spec": "tiny-vnet" },
              { "spec": "tiny-vnet", "patch": "8x8x8", "repeats": 1, "set": { "warmup": 3 } } ] }
            """,
            new(null, "32x32x32", ["warmup=2", "batch=2"], 3)
        );
        Assert.Equal(
            [("32x32x32", 3, 1, 2, 2), ("8x8x8", 1, 1, 3, 2)],
            file.Rows.Select(row =>
                (
                    $"{row.Recipe.Patch}",
                    row.Seeds.Count,
                    row.Recipe.Epochs,
                    row.Recipe.Warmup,
                    row.Recipe.BatchSize
                )
            )
        );
    }

    [Fact]
    public void Seeds_count_from_1_unless_they_are_given()
    {
        Assert.Equal([1, 2], Row("""{ "spec": "a", "patch": "8x8x8", "repeats": 2 }""").Seeds);
        Assert.Equal([7, 3], Row("""{ "spec": "a", "patch": "8x8x8", "seeds": [7, 3] }""").Seeds);
    }

    [Fact]
    public void Recipe_fields_by_their_earlier_names_still_set_them()
    {
        var recipe = Row(
            """{ "spec": "tiny-vnet", "patch": "16x16x16", "set": { "dropEvery": 7, "loss": "overall-dice", "accumulate": 1 } }""",
            new(null, null, ["batch=3", "batchSize=4"], null)
        ).Recipe;
        Assert.Equal((7, 4), (recipe.DecayEvery, recipe.BatchSize));
        Assert.Contains("\"loss\": \"pooled-dice\"", RecipeText.Write(recipe));
    }

    [Fact]
    public void An_assignment_of_the_command_line_needs_a_value()
    {
        var problem = Assert.Throws<ProblemException>(() =>
            Row("""{ "spec": "tiny-vnet" }""", new(null, null, ["epochs"], null))
        );
        Assert.Equal(("--set epochs", "not an assignment"), (problem.Where, problem.What));
    }

    [Fact]
    public void Spec_files_are_beside_the_sweep_file_and_a_script_is_a_sweep_of_its_networks()
    {
        Assert.Equal(
            Path.Combine(folder, "mine.json"),
            Row("""{ "spec": "mine.json", "patch": "8x8x8" }""").Spec
        );
        var script = Path.Combine(folder, "pair.fsx");
        File.WriteAllText(script, "");
        var sweep = SweepFile.Read(script, new(null, "8x8x8", [], null));
        Assert.Equal(("pair", script), (sweep.Name, Assert.Single(sweep.Rows).Spec));
    }

    [Fact]
    public void A_spec_that_cannot_be_read_is_a_problem_at_its_place_in_the_file()
    {
        var row = Row("""{ "spec": "tiny-vmet", "patch": "8x8x8" }""");
        var unknown = Assert.Throws<SpecException>(() => Networks.Parse(row.Spec));
        var problem = row.Problem(unknown);
        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.StartsWith($"{row.Where}.spec, ", problem.Where);
    }
}
