using KneeSeg.Dsl;
using KneeSeg.Torch;
using TorchSharp;

namespace KneeSeg.Training;

/// <summary>What a training step takes of the machine's memory, told before it starts.</summary>
internal static class MemoryBudget
{
    /// <summary>Says what a step takes at the peak, and how it is done in the memory that there is.</summary>
    /// <param name="request">Its batch, the parts in which it is gone through, what maps are made of, and the memory.</param>
    /// <param name="setup">The network and its patch.</param>
    /// <param name="recomputed">Whether the run has computed maps twice so far, and so goes on.</param>
    /// <param name="progress">Hears it.</param>
    /// <returns>Where the network is cut so that a step fits; nowhere unless that is needed.</returns>
    /// <exception cref="ProblemException">It does not fit at all (exit 6); says what would take less.</exception>
    public static int[] Cuts(
        TrainingRequest request,
        TrainingSetup setup,
        bool recomputed,
        IProgressSink progress
    )
    {
        // Only the processor's memory is known beforehand.
        if (request.Device.type != DeviceType.CPU && request.Memory is null)
            return [];
        var (recipe, graph, size) = (request.Recipe, setup.Graph, setup.Patch.Lengths);
        var batch = recipe.BatchSize / recipe.AccumulationSteps;
        var width = Autocast.Width(request.Precision, request.Device);
        var peak = LibtorchMemory.Peak(graph, size, batch, width);
        var most = request.Memory ?? Processor.FreeMemory;
        var there = $"{ByteSize.Of(most)} {(request.Memory is null ? "are free" : "are allowed")}";
        if (peak.Train <= most && !recomputed)
        {
            progress.Say($"a step takes about {ByteSize.Of(peak.Train)} at the peak, {there}");
            return [];
        }
        var twice = LibtorchMemory.Checkpointing(graph, size, batch, width);
        if (twice.Train <= most)
        {
            progress.Say(
                $"a step takes about {ByteSize.Of(twice.Train)} at the peak, {there}: maps that would take it to "
                    + $"{ByteSize.Of(peak.Train)} are computed twice"
            );
            return twice.SegmentBoundaries;
        }
        string[] ways =
        [
            .. width < 4 ? Array.Empty<string>() : ["--precision bf16"],
            .. batch > 1 ? [$"--set accumulationSteps={recipe.BatchSize}"] : Array.Empty<string>(),
            "a smaller --patch",
            $"a narrower network, such as {graph.Name}+small",
        ];
        throw new ProblemException(
            ExitCode.Resources,
            $"{graph.Name}, {batch} patches of {string.Join('x', size)}",
            $"a training step takes about {ByteSize.Of(twice.Train)} at least, and {there}",
            $"Try {string.Join(", or ", ways)}"
        );
    }
}
