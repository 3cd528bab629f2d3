using KneeSeg.Dsl;
using KneeSeg.Torch;
using TorchSharp;

namespace KneeSeg.Training;

/// <summary>What a training step takes of the machine's memory, told before it starts.</summary>
internal static class MemoryBudget
{
    /// <summary>Says what a step takes at the peak.</summary>
    /// <param name="request">Its batch, the parts in which it is gone through, and what maps are made of.</param>
    /// <param name="setup">The network and its patch.</param>
    /// <param name="progress">Hears it.</param>
    /// <exception cref="ProblemException">It is more than is free (exit 6); says what would take less.</exception>
    public static void Check(TrainingRequest request, TrainingSetup setup, IProgressSink progress)
    {
        // Only the processor's memory is known beforehand.
        if (request.Device.type != DeviceType.CPU)
            return;
        var (recipe, graph, size) = (request.Recipe, setup.Graph, setup.Patch.Lengths);
        var batch = recipe.Batch / recipe.Accumulate;
        var isHalf = Autocast.Resolve(request.Precision, request.Device) == Precision.Bf16;
        var needed = Models.Cost(graph, size, batch, isHalf ? 2 : 4).Train;
        var free = Processor.FreeMemory;
        progress.Say(
            $"a step takes about {ByteText.Of(needed)} at the peak, {ByteText.Of(free)} are free"
        );
        if (needed <= free)
            return;
        string[] ways =
        [
            .. isHalf ? Array.Empty<string>() : ["--precision bf16"],
            .. batch > 1 ? [$"--set accumulate={recipe.Batch}"] : Array.Empty<string>(),
            "a smaller --patch",
            $"a narrower network, such as {graph.Name}+small",
        ];
        throw new ProblemException(
            ExitCode.Resources,
            $"{graph.Name}, {batch} patches of {string.Join('x', size)}",
            $"a training step takes about {ByteText.Of(needed)}, and {ByteText.Of(free)} are free",
            $"Try {string.Join(", or ", ways)}"
        );
    }
}
