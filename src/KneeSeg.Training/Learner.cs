using KneeSeg.Data;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>A network and its optimiser: what one step changes, and what a checkpoint holds.</summary>
internal sealed class Learner : IDisposable
{
    private readonly Recipe recipe;
    private readonly NetworkPatch patch;
    private readonly Precision precision;
    private readonly Device device;
    private readonly AdamW optimizer;
    private readonly string[] names;

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
        names = [.. network.named_parameters().Select(pair => pair.name)];
        optimizer = optim.AdamW(
            network.parameters(),
            recipe.LearningRate,
            weight_decay: recipe.WeightDecay
        );
    }

    public TorchNetwork Network { get; }

    /// <summary>All steps of the run.</summary>
    private long Total => (long)recipe.Epochs * recipe.StepsPerEpoch;

    /// <summary>The learning rate of a step, counted from 0 over the run.</summary>
    public double Rate(long step) =>
        LearningRate.At(recipe.LearningRate, step, recipe.Warmup, Total);

    /// <summary>One optimiser step.</summary>
    /// <returns>The batch's loss.</returns>
    /// <exception cref="ProblemException">Loss or gradient is not finite (exit 7); weights are as before.</exception>
    public double Step(PatchBatch batch, long step)
    {
        using var scope = NewDisposeScope();
        // Dropout draws from libtorch's stream: a stream of its own for every step makes a resumed run the same.
        manual_seed(unchecked(recipe.Seed * 1_000_003 + step));
        Network.train();
        optimizer.zero_grad();
        var tensors = BatchTensors.Of(batch, patch, device);
        Tensor[] answers;
        using (Autocast.Enter(precision))
            answers = Network.Answers(tensors.Image, tensors.Position);
        var loss = DeepSupervision.Of(answers, tensors.Labels, Loss.Of("dice-ce"));
        loss.backward();
        var norm = nn.utils.clip_grad_norm_(Network.parameters(), recipe.GradientClip);
        var value = loss.item<float>();
        if (!float.IsFinite(value) || !double.IsFinite(norm))
            throw new ProblemException(
                ExitCode.Numerics,
                $"step {step + 1}, cases {string.Join(", ", batch.Cases)}",
                float.IsFinite(value) ? "the gradient is not finite" : $"the loss is {value}",
                "Lower the learning rate (--set learningRate=…) or train with --precision fp32; "
                    + "the checkpoint before is kept"
            );
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = Rate(step);
        optimizer.step();
        return value;
    }

    /// <summary>What a checkpoint holds beside the weights.</summary>
    public IEnumerable<(string Name, Tensor Value)> Memory() => AdamWMemory.Save(optimizer, names);

    /// <summary>Takes over weights and memory of a checkpoint.</summary>
    /// <exception cref="ProblemException">It is of another network, or has no memory (exit 5).</exception>
    public void Restore(SafetensorsFile file, string where)
    {
        Checkpoint.Load(file, where, Network);
        AdamWMemory.Load(
            optimizer,
            names,
            name =>
                file.Tensors.TryGetValue(name, out var stored)
                    ? TensorBytes.Restore(stored)
                    : throw new ProblemException(
                        ExitCode.Checkpoint,
                        where,
                        "has weights but not what the optimiser remembers",
                        "Go on from last.safetensors, not from the best weights"
                    )
        );
    }

    public void Dispose()
    {
        optimizer.Dispose();
        Network.Dispose();
    }
}
