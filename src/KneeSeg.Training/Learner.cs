using KneeSeg.Data;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>A network and its optimiser: what one step changes, and what a checkpoint holds.</summary>
internal sealed class Learner : IDisposable
{
    private readonly Recipe recipe;
    private readonly NetworkPatch patch;
    private readonly Precision precision;
    private readonly Device device;
    private readonly Optimiser optimiser;
    private readonly Func<Tensor, Tensor, Tensor> lossOf;

    public Learner(
        TorchNetwork network,
        Recipe recipe,
        NetworkPatch patch,
        Precision precision,
        Device device
    )
    {
        (Network, this.recipe, this.patch) = (network, recipe, patch);
        (this.precision, this.device) = (precision, device);
        optimiser = new Optimiser(network, recipe);
        lossOf = Loss.Of(recipe.Loss);
    }

    public TorchNetwork Network { get; }

    /// <summary>One optimiser step.</summary>
    /// <param name="batch">Its patches.</param>
    /// <param name="step">Counted from 0 over the run.</param>
    /// <param name="rate">The learning rate.</param>
    /// <returns>The batch's loss.</returns>
    /// <exception cref="ProblemException">Loss or gradient is not finite (exit 7); weights are as before.</exception>
    public double Step(PatchBatch batch, long step, double rate)
    {
        using var scope = NewDisposeScope();
        // Dropout draws from libtorch's stream: a stream of its own for every step makes a resumed run the same.
        manual_seed(unchecked(recipe.Seed * 1_000_003 + step));
        Network.train();
        optimiser.Clear();
        var value = 0.0;
        foreach (var part in batch.Split(recipe.Accumulate))
            value += Gradients(part) / recipe.Accumulate;
        var norm = nn.utils.clip_grad_norm_(Network.parameters(), recipe.GradientClip);
        if (!double.IsFinite(value) || !double.IsFinite(norm))
            throw new ProblemException(
                ExitCode.Numerics,
                $"step {step + 1}, cases {string.Join(", ", batch.Cases)}",
                double.IsFinite(value) ? "the gradient is not finite" : $"the loss is {value}",
                "Lower the learning rate (--set learningRate=…) or train with --precision fp32; "
                    + "the checkpoint before is kept"
            );
        optimiser.Step(rate);
        return value;
    }

    /// <summary>Adds a part's share to the gradients.</summary>
    /// <returns>The part's loss.</returns>
    private double Gradients(PatchBatch part)
    {
        using var scope = NewDisposeScope();
        var tensors = BatchTensors.Of(part, patch, device);
        var image =
            recipe.InputNoise > 0
                ? tensors.Image + recipe.InputNoise * randn_like(tensors.Image)
                : tensors.Image;
        Tensor[] answers;
        using (Autocast.Enter(precision))
            answers = Network.Answers(image, tensors.Position);
        var loss = DeepSupervision.Of(answers, tensors.Labels, lossOf);
        (recipe.Accumulate == 1 ? loss : loss / recipe.Accumulate).backward();
        return loss.item<float>();
    }

    /// <summary>What a checkpoint holds beside the weights.</summary>
    public IEnumerable<(string Name, Tensor Value)> Memory() => optimiser.Memory();

    /// <summary>Takes over weights and memory of a checkpoint.</summary>
    /// <exception cref="ProblemException">It is of another network, or has no memory (exit 5).</exception>
    public void Restore(SafetensorsFile file, string where)
    {
        Checkpoint.Load(file, where, Network);
        var isWhole = optimiser.Restore(name =>
            file.Tensors.TryGetValue(name, out var stored) ? TensorBytes.Restore(stored) : null
        );
        if (!isWhole)
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                "has weights but not what the optimiser remembers",
                "Go on from last.safetensors, not from the best weights"
            );
    }

    public void Dispose()
    {
        optimiser.Dispose();
        Network.Dispose();
    }
}
