using System.Text;
using System.Text.Json;
using KneeSeg.Dsl;

namespace KneeSeg.Cli.Tests;

/// <summary>Planning a network, and training what was planned.</summary>
public sealed class PlanTests(Workshop workshop) : IClassFixture<Workshop>
{
    [Fact]
    public void A_plan_is_a_network_and_a_recipe_that_train_takes()
    {
        var plan = workshop.At("plan");
        var planned = Kneeseg
            .Run("plan", workshop.Knees, "--memory", "4G", "--time", "30s", "--out", plan)
            .IsDone();
        Assert.Contains("planned: ", planned.Output);
        Assert.Contains("training takes about", planned.Error);
        using var numbers = Json(Path.Combine(plan, "plan.json"));
        using var fingerprint = Json(Path.Combine(plan, "fingerprint.json"));
        Assert.Equal(5, fingerprint.RootElement.GetProperty("cases").GetArrayLength());
        var page = File.ReadAllText(Path.Combine(plan, "plan.md"));
        foreach (var decision in numbers.RootElement.GetProperty("decisions").EnumerateArray())
            Assert.Contains($"| {decision.GetProperty("what").GetString()} | ", page);

        // It may have been edited.
        Kneeseg
            .Run("plan", workshop.Knees, "--out", plan)
            .IsProblem(ExitCode.Resources, "there is a plan already");

        var run = workshop.At("planned");
        string[] train = ["train", plan, "--data", workshop.Knees, "--run", run];
        Kneeseg
            .Run([.. train, "--epochs", "1", "--set", "stepsPerEpoch=2", "--set", "batchSize=1"])
            .IsDone();
        using var manifest = Json(Path.Combine(run, "run.json"));
        Assert.Equal(
            numbers.RootElement.GetProperty("network").GetProperty("hash").GetString(),
            manifest.RootElement.GetProperty("hash").GetString()
        );
        var recipe = manifest.RootElement.GetProperty("recipe");
        // The plan's, but for what the command sets.
        Assert.Equal(1, recipe.GetProperty("epochs").GetInt32());
        Assert.Equal(
            string.Join('x', numbers.RootElement.GetProperty("patch").EnumerateArray()),
            recipe.GetProperty("patch").GetString()
        );
    }

    [Fact]
    public void Scripts_of_plans_mean_the_networks_that_were_planned()
    {
        UNetPlan[] plans =
        [
            .. from block in new[] { UNetBlock.Plain, UNetBlock.Residual, UNetBlock.Depthwise }
            from encode in new[] { 0, 1 }
            from supervised in new[] { false, true }
            select UNetPlan.Create(
                "planned",
                block,
                [
                    UNetLevel.Create(encode, 1, [1, 3, 3], 8, [1, 2, 2]),
                    UNetLevel.Create(1, 1, [3, 3, 3], 12, [2, 2, 2]),
                    UNetLevel.Create(2, 2, [3, 3, 3], 24, [2, 2, 2]),
                ],
                [3, 3, 3],
                48,
                supervised
            ),
        ];
        var input = new StringBuilder("open KneeSeg.Dsl\nopen KneeSeg.Dsl.Spec\n");
        foreach (var plan in plans)
        {
            var script = Networks.ScriptOfPlan(plan, "A network.");
            input.AppendLine("let network : Network =");
            foreach (var line in script.Split('\n'))
                input.AppendLine($"    {line}");
            input.AppendLine(";;");
            input.AppendLine(
                "printfn \"%s\" (Networks.Elaborate(NetworkSpec network, 1, 3).Hash);;"
            );
        }
        var (output, errors) = FSharpSession.Run(workshop.Folder, input.ToString());
        Assert.Equal("", errors);
        Assert.Equal(
            plans.Select(plan => Networks.Elaborate(Networks.OfPlan(plan), 1, 3).Hash),
            output.Split('\n').Where(line => line.Length == 64 || line.Length == 16)
        );
    }

    [Fact]
    public void What_cannot_be_planned_is_refused()
    {
        string[] Plan(params string[] words) =>
            ["plan", workshop.Knees, "--out", workshop.At("none"), .. words];
        Kneeseg.Run(Plan("--time", "soon")).IsProblem(ExitCode.Usage, "not a duration");
        Kneeseg
            .Run(Plan("--for", "lunch", "2G"))
            .IsProblem(ExitCode.Usage, "--for predict-memory 2G");
        Kneeseg
            .Run("train", "--data", workshop.Knees, "--run", workshop.At("none"))
            .IsProblem(ExitCode.Usage, "--auto");
        var few = workshop.CopyOfKnees("few");
        var manifest = Path.Combine(few, "dataset.json");
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest).Replace("\"train\"", "\"test\"", StringComparison.Ordinal)
        );
        Kneeseg.Run("plan", few, "--out", workshop.At("none")).IsProblem(ExitCode.Data, "training");
        Assert.False(Directory.Exists(workshop.At("none")));
    }

    private static JsonDocument Json(string path) => JsonDocument.Parse(File.ReadAllText(path));
}
