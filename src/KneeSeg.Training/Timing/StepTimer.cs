using System.Diagnostics;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Parallel;
using static TorchSharp.torch;

namespace KneeSeg.Training.Timing;

/// <summary>
/// Times training steps on noise, with everything that a step of a run does: patches are sampled and augmented by the loader's
/// thread, the loss is that of the recipe, and the optimizer and the EMA weights are updated.
/// </summary>
public static class StepTimer
{
    /// <summary>Times a network.</summary>
    /// <param name="graph">A 3D network.</param>
    /// <param name="recipe">The recipe, with its patch.</param>
    /// <param name="spacing">Of the voxels, in mm.</param>
    /// <param name="precision">The precision of feature maps.</param>
    /// <param name="steps">How many steps are timed, after one that is not.</param>
    /// <param name="cancel">Stops between steps.</param>
    public static StepTime Measure(
        Graph graph,
        Recipe recipe,
        ModelSpacing spacing,
        Precision precision,
        int steps,
        CancellationToken cancel = default
    )
    {
        NativeStart.Initialize();
        var patch = ModelInput.Of(graph, recipe.Patch!.Value.Lengths, recipe.Slices);
        var noise = Noise(graph, patch.Size, spacing);
        var sampler = TrainingSetup.SamplerOf(recipe, patch, [noise], FlipAugmentation.Knees);
        using var learner = new Learner(
            new TorchNetwork(graph, recipe.Seed, CPU),
            recipe,
            patch,
            spacing,
            precision,
            CPU,
            Ranks.Alone
        );
        using var loader = new PatchLoader(
            Enumerable.Range(0, int.MaxValue).Select(step => (0, step)),
            (epoch, step) => sampler.Batch(epoch, step, recipe.BatchSize)
        );
        var times = new double[steps];
        // Libtorch prepares its kernels in the first step.
        for (var step = -1; step < steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var started = Stopwatch.GetTimestamp();
            learner.Step(loader.Next()!, step + 1, recipe.LearningRate);
            if (step >= 0)
                times[step] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        Array.Sort(times);
        return new(times[steps / 2], Window(learner, patch, noise, precision));
    }

    private static double Window(
        Learner learner,
        ModelInput patch,
        PreprocessedCase noise,
        Precision precision
    )
    {
        var windows = new SlidingWindow(learner.Network, patch, precision, CPU);
        windows.Labels(noise.Image, noise.Size);
        var started = Stopwatch.GetTimestamp();
        windows.Labels(noise.Image, noise.Size);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // A volume of one patch. Its structures are cubes, so that there is foreground to sample.
    private static PreprocessedCase Noise(Graph graph, ModelSize size, ModelSpacing spacing)
    {
        const int side = 8;
        var random = new Random(1);
        var grid = Grid.Centered(
            new(size.Width, size.Height, size.Depth),
            spacing.OfModelVolume,
            Orientation.ModelCodes
        );
        var image = new float[size.Count * graph.Channels];
        foreach (ref var voxel in image.AsSpan())
            voxel = random.NextSingle();
        var labels = new byte[size.Count];
        var classes = Math.Max(2, graph.Classes);
        for (var i = 0; i < labels.Length; i++)
        {
            var (rest, x) = Math.DivRem(i, size.Width);
            var (z, y) = Math.DivRem(rest, size.Height);
            labels[i] = (byte)((x / side + y / side + z / side) % classes);
        }
        return PreprocessedCase.From("noise", new(new(grid, image), 0), new(grid, labels), classes);
    }
}

/// <summary>How long a network takes on this machine.</summary>
/// <param name="Step">Seconds of a training step.</param>
/// <param name="Window">Seconds of predicting one window of the patch size.</param>
public readonly record struct StepTime(double Step, double Window);
