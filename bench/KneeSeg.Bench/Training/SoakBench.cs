using System.Globalization;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Specs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Parallel;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Training;

/// <summary>Many steps in one process: whether tensors or memory stay behind.</summary>
internal static class SoakBench
{
    private const int Classes = 5;
    private const int Lines = 10;

    /// <summary>Trains and prints live tensors and resident memory on the way.</summary>
    /// <param name="steps">How many; the first tenth is not judged.</param>
    /// <returns>Whether tensors stayed as many, and memory within 2 %.</returns>
    public static bool Run(int steps)
    {
        NativeStart.Initialize();
        var graph = Networks.Load(SmallUNet.json, channels: 1, Classes);
        var patch = ModelInput.Of(graph, [16, 32, 32]);
        using Learner learner = new(
            new TorchNetwork(graph, seed: 1),
            new Recipe(),
            patch,
            new(1, 1, 1),
            Precision.Auto,
            CPU,
            Ranks.Alone
        );
        List<(long Tensors, long Bytes)> seen = [];
        for (var step = 0; step < steps; step++)
        {
            learner.Step(NoiseBatch.Of(patch, 1, Classes, seed: step), step, rate: 1e-3);
            if ((step + 1) % (steps / Lines) != 0)
                continue;
            // What only waits for the collector does not stay behind.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            seen.Add((Tensor.TotalCount, Environment.WorkingSet));
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"step {step + 1, 5}: {seen[^1].Tensors} tensors, {seen[^1].Bytes / 1e6:0.0} MB"
                )
            );
        }
        return seen.Select(one => one.Tensors).Distinct().Count() == 1
            && seen[^1].Bytes <= 1.02 * seen[0].Bytes;
    }
}
