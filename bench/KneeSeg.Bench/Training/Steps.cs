using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Parallel;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Training;

/// <summary>Training steps on noise, ours and as one writes them in TorchSharp.</summary>
internal static class Steps
{
    /// <summary>Loads libtorch as it comes, without our settings.</summary>
    public static void LoadPlain()
    {
        NativeStart.Load(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
        set_num_threads(Environment.ProcessorCount);
    }

    /// <summary>A step of ours on one patch.</summary>
    /// <param name="network">The network.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="patch">The size and kind of the patch.</param>
    /// <param name="classes">Labels, background included.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="precision">Of the feature maps.</param>
    public static Action Ours(
        TorchNetwork network,
        Recipe recipe,
        ModelInput patch,
        int classes,
        double rate,
        Precision precision = Precision.Auto
    )
    {
        Learner learner = new(network, recipe, patch, new(1, 1, 1), precision, CPU, Ranks.Alone);
        var batch = NoiseBatch.Of(patch, 1, classes);
        var step = 0;
        return () => learner.Step(batch, step++, rate);
    }

    /// <summary>A step in TorchSharp.</summary>
    /// <param name="network">What has the weights.</param>
    /// <param name="optimizer">Of them.</param>
    /// <param name="clip">The largest length of the gradient.</param>
    /// <param name="lossOf">Computes the loss.</param>
    public static Action Plain(
        nn.Module network,
        optim.Optimizer optimizer,
        double clip,
        Func<Tensor> lossOf
    ) =>
        () =>
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            lossOf().backward();
            nn.utils.clip_grad_norm_(network.parameters(), clip);
            optimizer.step();
        };
}
