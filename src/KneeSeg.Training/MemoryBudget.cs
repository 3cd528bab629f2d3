using KneeSeg.Dsl;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Parallel;
using TorchSharp;

namespace KneeSeg.Training;

/// <summary>Estimates the peak memory of a training step before training starts.</summary>
internal static class MemoryBudget
{
    /// <summary>The peak of a step of a plan, within the request's limit.</summary>
    public static long Peak(TrainingRequest request, TrainingPlan plan)
    {
        var recipe = request.Recipe;
        var peak = LibtorchMemory.Peak(
            plan.Graph,
            recipe.Patch?.Lengths ?? TrainingPlan.LargestPatch(plan.Graph),
            recipe.BatchSize / recipe.AccumulationSteps,
            Autocast.Width(request.Precision, request.Device)
        );
        return Math.Min(peak.Train, request.Memory ?? long.MaxValue);
    }

    /// <summary>Prints the estimate and chooses activation checkpointing if the memory requires it.</summary>
    /// <param name="request">Batch size, accumulation steps, precision and memory limit.</param>
    /// <param name="setup">Network and patch size.</param>
    /// <param name="checkpointed">Whether the run used activation checkpointing before, and so must continue to.</param>
    /// <param name="progress">Receives the estimate.</param>
    /// <returns>The first nodes of the checkpointed segments; empty without checkpointing.</returns>
    /// <exception cref="ProblemException">It does not fit (exit 6); suggests what would need less.</exception>
    public static int[] SegmentStarts(
        TrainingRequest request,
        TrainingSetup setup,
        bool checkpointed,
        IProgressSink progress
    )
    {
        var ranks = request.Ranks;
        // Only CPU memory is known beforehand.
        if (request.Device.type != DeviceType.CPU && request.Memory is null)
            return [];
        var (recipe, graph, size) = (request.Recipe, setup.Graph, setup.Patch.Lengths);
        var batch = recipe.BatchSize / recipe.AccumulationSteps;
        var width = Autocast.Width(request.Precision, request.Device);
        var sums =
            recipe.AccumulationSteps == 1
                ? 0
                : Networks.Cost(graph, size).Parameters * GradientSum.BytesPerWeight(ranks);
        var peak = LibtorchMemory.Peak(graph, size, batch, width).Train + sums;
        // Where some have less memory, all compute as these must: activation checkpointing changes the last bits.
        var most = ranks.All(request.Memory ?? Processor.FreeMemory / ranks.OnThisMachine).Min();
        var available =
            $"{ByteSize.Of(most)} {(request.Memory is null ? "are free" : "are allowed")}";
        if (ranks.Count > 1)
            available += " for each rank";
        if (peak <= most && !checkpointed)
        {
            progress.Say($"a training step needs about {ByteSize.Of(peak)} at peak, {available}");
            return [];
        }
        var checkpointing = LibtorchMemory.Checkpointing(graph, size, batch, width);
        var least = checkpointing.Train + sums;
        if (least <= most)
        {
            progress.Say(
                $"a training step needs about {ByteSize.Of(least)} at peak, {available}: activation checkpointing saves "
                    + $"{ByteSize.Of(peak - least)} by computing feature maps again"
            );
            return checkpointing.SegmentBoundaries;
        }
        string[] options =
        [
            .. width < 4 ? Array.Empty<string>() : ["--precision bf16"],
            .. batch > 1 && ranks.Count == 1
                ? [$"--set accumulationSteps={recipe.BatchSize}"]
                : Array.Empty<string>(),
            "a smaller --patch",
            $"a narrower network, such as {graph.Name}+small",
        ];
        throw ranks.Failed(
            new(
                ExitCode.Resources,
                $"{graph.Name}, {batch} patches of {string.Join('x', size)}",
                $"a training step needs at least about {ByteSize.Of(least)}, but {available}",
                $"Try {string.Join(", or ", options)}"
            )
        );
    }
}
