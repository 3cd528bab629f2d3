using System.Globalization;
using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Specs;
using KneeSeg.Torch;
using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Training;

/// <summary>Many steps in one process: whether tensors or memory stay behind.</summary>
internal static class SoakBench
{
    private const int Classes = 5;
    private const int Lines = 10;
    private static readonly int[] Size = [16, 32, 32];

    /// <summary>Trains and prints live tensors and resident memory on the way.</summary>
    /// <param name="steps">How many; the first tenth is not judged.</param>
    /// <returns>Whether tensors stayed as many, and memory within 5 %.</returns>
    public static bool Run(int steps)
    {
        NativeStart.Initialize();
        var graph = Models.Load(SmallUNet.json, channels: 1, Classes);
        using Learner learner = new(
            new TorchNetwork(graph, seed: 1),
            new Recipe(),
            NetworkPatch.Of(graph, Size),
            Precision.Auto,
            CPU
        );
        List<(long Tensors, long Bytes)> seen = [];
        for (var step = 0; step < steps; step++)
        {
            learner.Step(Noise(step), step, rate: 1e-3);
            if ((step + 1) % (steps / Lines) != 0)
                continue;
            seen.Add((Tensor.TotalCount, Environment.WorkingSet));
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"step {step + 1, 5}: {seen[^1].Tensors} tensors, {seen[^1].Bytes / 1e6:0.0} MB"
                )
            );
        }
        return seen.Select(one => one.Tensors).Distinct().Count() == 1
            && seen[^1].Bytes <= 1.05 * seen[0].Bytes;
    }

    private static PatchBatch Noise(int step)
    {
        Random random = new(step);
        var image = new float[Size.Aggregate((a, b) => a * b)];
        var labels = new byte[image.Length];
        for (var i = 0; i < image.Length; i++)
            (image[i], labels[i]) = (random.NextSingle(), (byte)random.Next(Classes));
        return new(0, step, ["noise"], image, labels, new float[3]);
    }
}
