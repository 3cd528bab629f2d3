using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Training;
using KneeSeg.Training.Parallel;
using static TorchSharp.torch;

namespace KneeSeg.Bench;

/// <summary>
/// Cutting and changing a patch of 64³ on one thread, against the training step of <c>unet3d+tiny</c> that it is for.
/// </summary>
internal static class LoadingBench
{
    private const int Side = 64;

    public static Ratio Run()
    {
        var knee = Phantom.Create(1, new(80, 96, 96));
        var preparation = new Preprocessor(new(1.4, 1.46, 1.46));
        var prepared = PreprocessedCase.From(
            "knee",
            preparation.Apply(
                new(knee.Image.Grid, Array.ConvertAll(knee.Image.Voxels, value => (float)value))
            ),
            preparation.ApplyToLabels(knee.Labels),
            7
        );
        var graph = Networks.Load("unet3d+tiny", channels: 1, classes: 7);
        var patch = ModelInput.Of(graph, [Side, Side, Side]);
        PatchSampler sampler = new(
            [prepared],
            new(patch.Size, patch.Kind, .67, FlipAugmentation.Knees, Augmentation.Default),
            1
        );
        using Learner learner = new(
            new TorchNetwork(graph, seed: 1),
            new Recipe(),
            patch,
            new(1, 1, 1),
            Precision.Auto,
            CPU,
            Ranks.Alone
        );
        var batch = sampler.Batch(0, 0, 1);
        var step = 0;
        return Ratio.Measure(
            "loading",
            // Ten, since what is done to a patch differs from one to the next.
            () => Batches(10),
            () =>
            {
                for (var i = 0; i < 10; i++)
                    learner.Step(batch, step++, rate: 1e-3);
            }
        );

        void Batches(int count)
        {
            for (var i = 0; i < count; i++)
                sampler.Batch(0, step + i, 1);
        }
    }
}
