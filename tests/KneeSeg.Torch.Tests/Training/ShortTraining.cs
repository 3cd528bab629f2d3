using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>A training of two epochs of three steps.</summary>
internal static class ShortTraining
{
    public static TrainingRequest Of(string spec, string data, string run, string patch) =>
        new(
            Networks.Parse(spec),
            data,
            run,
            RecipeText.Set(
                new Recipe(),
                "epochs=2",
                "stepsPerEpoch=3",
                "batchSize=1",
                $"patch={patch}"
            ),
            Precision.Fp32,
            CPU
        );
}
