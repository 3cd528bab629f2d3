using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Bench;

/// <summary>A training step of a small 3D U-Net in bfloat16 against the same step in float32.</summary>
internal static class PrecisionBench
{
    private const int Side = 64;

    public static Ratio Run()
    {
        using var network = new TorchNetwork(
            Networks.Load("unet3d+tiny", channels: 1, classes: 7),
            seed: 1
        );
        using var optimizer = optim.AdamW(network.parameters());
        using var image = randn([1L, 1, Side, Side, Side]);
        using var labels = randint(0, 7, [1L, Side, Side, Side], dtype: int64);
        return Ratio.Measure("precision", () => Step(Precision.Bf16), () => Step(Precision.Fp32));

        void Step(Precision precision)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor logits;
            using (Autocast.Enter(precision))
                logits = network.forward(image);
            Loss.Of(LossKind.DiceCe)(logits, labels).backward();
            optimizer.step();
        }
    }
}
