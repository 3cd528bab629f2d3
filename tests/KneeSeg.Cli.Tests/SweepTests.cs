using System.Text.Json;
using System.Text.RegularExpressions;

namespace KneeSeg.Cli.Tests;

/// <summary>Many trainings by one command, cut anywhere, and what is said of files that can't be run.</summary>
public sealed class SweepTests(Workshop workshop) : IClassFixture<Workshop>
{
    private const string Quick = """
        "recipe": "published-vnet", "set": { "epochs": 3, "stepsPerEpoch": 2 }, "patch": "16x16x16"
        """;

    private Answer Sweep(string file, string folder, params string[] more) =>
        Kneeseg.Run(["sweep", file, "--data", workshop.Knees, "--out", folder, .. more]);

    [Fact]
    public void A_sweep_that_is_killed_twice_ends_with_the_same_numbers()
    {
        var file = workshop.Write(
            "kill.json",
            $$"""
            { "name": "k", {{Quick}}, "rows": [
              { "name": "tiny", "spec": "tiny-vnet", "repeats": 2 },
              { "name": "the same", "spec": "tiny-vnet" } ] }
            """
        );
        var (whole, cut) = (workshop.At("whole"), workshop.At("cut"));
        Sweep(file, whole).IsDone();
        foreach (var _ in new[] { 1, 2 })
        {
            using var process = Kneeseg.Start(
                "sweep",
                file,
                "--data",
                workshop.Knees,
                "--out",
                cut
            );
            Kneeseg.AwaitEpoch(process);
            process.Kill();
            process.WaitForExit();
        }
        Sweep(file, cut).IsDone();
        Assert.Equal(Numbers(whole), Numbers(cut));
        Assert.Equal(3, Numbers(whole).Length);
        // Equal runs are one.
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(whole, "runs")).Length);
        foreach (var run in new[] { "tiny-r1", "tiny-r2" })
            Assert.Equal(
                File.ReadAllBytes(Weights(whole, run)),
                File.ReadAllBytes(Weights(cut, run))
            );

        // What the page names is there, and the same after a kill.
        string[] named =
        [
            .. Regex
                .Matches(Tables(whole)[3], "href=\"(runs/[^\"]+)\"")
                .Select(link => link.Groups[1].Value),
        ];
        Assert.Contains("runs/tiny-r2/report.html", named);
        Assert.Contains("runs/tiny-r1/report-knee-0005-voxels.png", named);
        foreach (
            var picture in named.Where(name => !name.EndsWith(".html", StringComparison.Ordinal))
        )
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(whole, picture)),
                File.ReadAllBytes(Path.Combine(cut, picture))
            );
        // A flight, bodies and training for each run of each of the two rows.
        Assert.Equal(3 * 3, named.Count(name => !name.EndsWith(".html", StringComparison.Ordinal)));

        var tables = Tables(whole);
        Assert.DoesNotContain("epoch ", Sweep(file, whole).IsDone().Error);
        Assert.Equal(tables, Tables(whole));
        foreach (var table in new[] { "table.md", "table.csv", "runs.csv", "index.html" })
            File.Delete(Path.Combine(whole, table));
        Kneeseg.Run("report", whole).IsDone();
        Assert.Equal(tables, Tables(whole));
    }

    [Fact]
    public void A_run_that_fails_is_in_the_table_and_does_not_stop_the_others()
    {
        var file = workshop.Write(
            "fail.json",
            $$"""
            { "name": "f", {{Quick}}, "rows": [
              { "name": "wild", "spec": "unet3d+tiny", "set": { "learningRate": 999, "optimizer": "sgd", "binary": true, "loss": "ce" } },
              { "name": "tame", "spec": "tiny-vnet" } ] }
            """
        );
        var folder = workshop.At("fails");
        var answer = Sweep(file, folder);
        Assert.Equal((int)ExitCode.Numerics, answer.Exit);
        var table = File.ReadAllText(Path.Combine(folder, "runs.csv"));
        Assert.Contains("wild,wild-r1,1,failed,", table);
        Assert.Contains("tame,tame-r1,1,finished,", table);
    }

    [Fact]
    public void Two_jobs_do_each_run_once_and_runs_can_be_listed_and_compared()
    {
        var file = workshop.Write(
            "jobs.json",
            """
            { "name": "j", "recipe": "published-vnet", "set": { "epochs": 1, "stepsPerEpoch": 2 }, "patch": "16x16x16",
              "rows": [ { "spec": "tiny-vnet", "repeats": 2 } ] }
            """
        );
        Sweep(file, workshop.At("jobs"), "--jobs", "2").IsDone();
        Assert.All(Numbers(workshop.At("jobs")), line => Assert.Contains(",finished,", line));
        Assert.Equal(2, Numbers(workshop.At("jobs")).Length);

        var listed = Kneeseg
            .Run("list", workshop.At("jobs"), "--sort", "loss", "--where", "tiny", "--json")
            .IsDone();
        using var runs = JsonDocument.Parse(listed.Output);
        Assert.All(
            runs.RootElement.EnumerateArray(),
            run => Assert.Equal("finished", run.GetProperty("state").GetString())
        );
        string At(int i) => Path.Combine(workshop.At("jobs"), "runs", $"tiny-vnet-r{i}");
        var compared = Kneeseg.Run("compare", At(1), At(2)).IsDone().Output;
        Assert.Contains("recipe   seed: 1, 2", compared);
        Assert.Contains("same cases", compared);
        Assert.Contains("95 % interval", compared);
    }

    [Fact]
    public void Folds_are_trained_and_predict_together()
    {
        var folder = workshop.At("folds");
        string[] words =
        [
            .. workshop.Training(folder, "tiny-vnet").Select(w => w is "--run" ? "--out" : w),
        ];
        words[0] = "cross-validate";
        Kneeseg.Run([.. words, "--folds", "2", "--epochs", "1"]).IsDone();
        Kneeseg.Run([.. words, "--folds", "9"]).IsProblem(ExitCode.Data, "4 subjects");
        Kneeseg.Run("predict", folder, workshop.Knees, "--out", workshop.At("by-folds")).IsDone();
    }

    [Fact]
    public void A_script_is_a_sweep_of_its_networks_and_shards_of_it_make_one_table()
    {
        var script = workshop.Write(
            "pair.fsx",
            """
            [ for width in [ 2; 3 ] -> network3d $"of-{width}" [ conv 3 width; relu; classify ] ]
            """
        );
        var folder = workshop.At("shards");
        Answer Shard(string part) =>
            Kneeseg.Run([
                "sweep",
                script,
                "--data",
                workshop.Knees,
                "--out",
                folder,
                "--patch",
                "16x16x16",
                "--repeats",
                "2",
                "--set",
                "epochs=1",
                "--set",
                "stepsPerEpoch=2",
                "--shard",
                part,
            ]);
        int Trained() =>
            Directory.EnumerateFiles(folder, "log.jsonl", SearchOption.AllDirectories).Count();

        Assert.Contains("2 unfinished runs", Shard("1/2").IsDone().Error);
        Assert.Equal(2, Trained());
        Shard("2/2").IsDone();

        Assert.Equal(4, Trained());
        var table = File.ReadAllLines(Path.Combine(folder, "table.csv"));
        Assert.Equal(["of-2", "of-3"], table.Skip(1).Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void A_family_over_five_axes_is_described_and_its_members_are_compared_by_axis()
    {
        var script = workshop.Write(
            "family.fsx",
            File.ReadAllText(Docs.Repository.At("examples/sweeps/family.fsx"))
        );
        var described = Kneeseg.Run("describe", script).IsDone().Output;
        Assert.StartsWith(
            "network  levels  down  skips  norm      recurrent  parameters",
            described
        );
        Assert.Contains("72 networks. To see one:", described);

        var folder = workshop.At("axes");
        string[] words =
        [
            "sweep",
            $"{script}#net+levels=2+down=conv+skips=plain+norm=group",
            "--with",
            "recurrent",
            "--data",
            workshop.Knees,
            "--out",
            folder,
            "--patch",
            "16x16x16",
            "--set",
            "epochs=1",
            "--set",
            "stepsPerEpoch=2",
        ];
        Kneeseg.Run(words).IsDone();
        Assert.Equal(
            ["", "recurrent"],
            File.ReadAllLines(Path.Combine(folder, "table.csv"))
                .Skip(1)
                .Select(line => line.Split(',')[0].Split('+').Last())
                .Select(label => label is "recurrent" ? label : "")
        );
    }

    // All but the duration.
    private static string[] Numbers(string folder) =>
        [
            .. File.ReadLines(Path.Combine(folder, "runs.csv"))
                .Skip(1)
                .Select(line => line.Split(','))
                .Select(cells => string.Join(',', cells.Where((_, i) => i != 9))),
        ];

    private static string[] Tables(string folder) =>
        [
            .. new[] { "table.md", "table.csv", "runs.csv", "index.html" }.Select(name =>
                File.ReadAllText(Path.Combine(folder, name))
            ),
        ];

    private static string Weights(string folder, string run) =>
        Path.Combine(folder, "runs", run, "checkpoints", "last.safetensors");
}
