using KneeSeg.Data.Patches;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Parallel;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Memory;

/// <summary>Does a case's work in this process, and says how much memory it took at the most.</summary>
internal static class MemoryWork
{
    // The optimizer's moments are there from the second step on.
    private const int Times = 2;

    /// <summary>
    /// The rise of resident memory over what the program and its libraries take once they have done the same with a
    /// tiny network.
    /// </summary>
    public static long Measure(MemoryCase work)
    {
        var images = new Images(work);
        Run(new Images(Tiny(work)));
        GC.Collect();
        ResidentMemory.ResetPeak();
        var before = ResidentMemory.Now;
        Run(images);
        return ResidentMemory.Peak - before;
    }

    private static MemoryCase Tiny(MemoryCase work) =>
        work.Lengths.Length == 2
            ? work with
            {
                Spec = "unet+tiny",
                Size = "32x32",
            }
            : work with
            {
                Spec = "unet3d+tiny",
                Size = "16x16x16",
            };

    private static void Run(Images images)
    {
        if (images.Case.Work == Work.Predict)
            Predict(images);
        else
            Train(images);
    }

    private static void Train(Images images)
    {
        var graph = images.Case.Graph;
        int[] cuts =
            images.Case.Work == Work.Recompute
                ? LibtorchMemory
                    .Checkpointing(graph, images.Case.Lengths, images.Case.Batch, images.Case.Width)
                    .SegmentBoundaries
                : [];
        using var learner = new Learner(
            new TorchNetwork(graph),
            new Recipe(),
            images.Patch,
            new(1, 1, 1),
            images.Case.Precision,
            CPU,
            Ranks.Alone,
            cuts
        );
        for (var step = 0; step < Times; step++)
            learner.Step(images.Batch, step, rate: 1e-3);
    }

    private static void Predict(Images images)
    {
        using var network = new TorchNetwork(images.Case.Graph);
        network.eval();
        for (var i = 0; i < Times; i++)
        {
            using var scope = NewDisposeScope();
            var tensors = BatchTensors.Of(images.Batch, images.Patch, CPU);
            using var quiet = no_grad();
            using var computing = Autocast.Enter(images.Case.Precision);
            using var logits = network.forward(tensors.Image, tensors.Position);
            nn.functional.softmax(logits, 1);
        }
    }

    /// <summary>Noise as images, made before anything is measured.</summary>
    private sealed class Images
    {
        public Images(MemoryCase work)
        {
            Case = work;
            Patch = ModelInput.Of(work.Graph, work.Lengths);
            Batch = NoiseBatch.Of(Patch, work.Batch, classes: 7);
        }

        public MemoryCase Case { get; }

        public ModelInput Patch { get; }

        public PatchBatch Batch { get; }
    }
}
