using System.Text.Json;
using KneeSeg.Dsl;
using KneeSeg.Runs;

namespace KneeSeg.Experiments.Planning;

/// <summary>The folder of a plan: <c>network.fsx</c>, <c>recipe.json</c>, <c>plan.md</c>, <c>plan.json</c>, <c>fingerprint.json</c>.</summary>
public static class PlanFolder
{
    /// <summary>The network, as a spec; null where a path is not a plan's folder.</summary>
    public static string? NetworkOf(string path) => Existing(path, "network.fsx");

    /// <summary>The recipe's file; null where a path is not a plan's folder.</summary>
    public static string? RecipeOf(string path) =>
        NetworkOf(path) is null ? null : Existing(path, "recipe.json");

    /// <summary>Writes a plan; the network last, which makes the folder one of a plan.</summary>
    /// <exception cref="ProblemException">It can't be written (exit 6).</exception>
    internal static void Write(string folder, FinishedPlan plan)
    {
        void Text(string name, string text) =>
            AtomicFile.WriteText(Path.Combine(folder, name), text);
        Text("fingerprint.json", plan.Data.Fingerprint.ToJson() + "\n");
        Text("recipe.json", RecipeText.Write(plan.Recipe) + "\n");
        Text("plan.json", Numbers(plan) + "\n");
        Text("plan.md", PlanPage.Of(plan));
        Text("network.fsx", Networks.ScriptOfPlan(plan.Best.Plan, Comment(plan)));
    }

    private static string Comment(FinishedPlan plan) =>
        $"""
            The network of a plan for {plan.Data.Fingerprint.Name}, yours to change; plan.md has the reasons.
            {string.Join(
                '\n',
                plan.Decisions.Where(one =>
                    one.What is "blocks" or "first level" or "width"
                ).Select(one => $"{one.What}: {one.Chosen}")
            )}
            For images of {plan.Data.Channels} channel{(
                plan.Data.Channels == 1 ? "" : "s"
            )}, {plan.Data.Classes} classes and patches of {plan.Best.PatchSize}.
            """;

    private static string Numbers(FinishedPlan plan) =>
        JsonSerializer.Serialize(
            new
            {
                Format = 1,
                Data = plan.Data.Fingerprint.Name,
                Limits = new
                {
                    MemoryBytes = plan.Limits.Memory,
                    Seconds = plan.Limits.Time.TotalSeconds,
                    PredictMemoryBytes = plan.Limits.PredictMemory,
                },
                Network = new { plan.Best.Graph.Hash, plan.Best.Network.Parameters },
                plan.Best.Spacing,
                plan.Best.Patch,
                plan.Best.Batch,
                MemoryBytes = plan.Best.Memory,
                PredictMemoryBytes = plan.Best.PredictMemory,
                plan.Best.StepSeconds,
                EstimatedStepSeconds = plan.Estimated.StepSeconds,
                EstimateError = plan.Calibration.Model.Error,
                plan.Best.Seconds,
                plan.Decisions,
            },
            JsonStyle.Indented
        );

    private static string? Existing(string folder, string name) =>
        Path.Combine(folder, name) is var file && File.Exists(file) ? file : null;
}
