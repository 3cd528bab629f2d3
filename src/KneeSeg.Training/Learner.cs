using KneeSeg.Data;
using KneeSeg.Inference;
using KneeSeg.Runs;
using KneeSeg.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>A network and its optimizer: what one step changes, and what a checkpoint holds.</summary>
internal sealed class Learner : IDisposable
{
    private readonly Recipe recipe;
    private readonly ModelInput patch;
    private readonly Precision precision;
    private readonly Device device;
    private readonly Optimizer optimizer;
    private readonly EmaWeights? average;
    private readonly Func<Tensor, Tensor, Tensor> lossOf;
    private readonly int[] cuts;

    public Learner(
        TorchNetwork network,
        Recipe recipe,
        ModelInput patch,
        Precision precision,
        Device device,
        params int[] cuts
    )
    {
        (Network, this.recipe, this.patch) = (network, recipe, patch);
        (this.precision, this.device, this.cuts) = (precision, device, cuts);
        optimizer = new Optimizer(network, recipe);
        average = recipe.EmaDecay > 0 ? new EmaWeights(network, recipe.EmaDecay) : null;
        lossOf = Loss.Of(recipe.Loss);
    }

    public TorchNetwork Network { get; }

    /// <summary>One optimizer step.</summary>
    /// <param name="batch">Its patches.</param>
    /// <param name="step">Counted from 0 over the run.</param>
    /// <param name="rate">The learning rate.</param>
    /// <returns>The batch's loss.</returns>
    /// <exception cref="ProblemException">Loss or gradient is not finite (exit 7); weights are as before.</exception>
    public double Step(PatchBatch batch, long step, double rate)
    {
        using var steady = MallocTuning.Hold();
        using var scope = NewDisposeScope();
        var loss = Gradients(batch, step);
        var norm = nn.utils.clip_grad_norm_(Network.parameters(), recipe.GradientClip);
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
            throw NotFinite(batch, step, loss);
        optimizer.Step(rate);
        average?.Follow(step);
        return loss;
    }

    /// <summary>The loss of patches by the network as it predicts; nothing changes.</summary>
    public double LossOf(PatchBatch batch)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        Network.eval();
        var (image, labels, position) = BatchTensors.Of(batch, patch, device);
        using var autocast = Autocast.Enter(precision);
        return lossOf(Network.forward(image, position), labels).item<float>();
    }

    /// <summary>
    /// Puts the weights that validate and predict into the network until disposed: the averaged ones, where the recipe
    /// averages. <see cref="OptimizerState"/> must be asked meanwhile.
    /// </summary>
    /// <returns>Null where there are no others.</returns>
    public IDisposable? Averaged() => average?.InNetwork();

    /// <summary>What a checkpoint holds beside the weights that predict.</summary>
    public IEnumerable<(string Name, Tensor Value)> OptimizerState() =>
        [.. optimizer.State(), .. average?.Memory() ?? []];

    /// <summary>Takes over weights and memory of a checkpoint.</summary>
    /// <exception cref="ProblemException">It is of another network, or has no memory (exit 5).</exception>
    public void Restore(SafetensorsFile file, string where)
    {
        using var scope = NewDisposeScope();
        Tensor? Saved(string name) =>
            file.Tensors.TryGetValue(name, out var stored) ? TensorBytes.Restore(stored) : null;
        Checkpoint.Load(file, where, Network);
        if (!optimizer.Restore(Saved) || average?.Restore(Saved) == false)
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                "has weights but not what training remembers",
                "Go on from last.safetensors, not from the best weights"
            );
    }

    /// <summary>Takes over those weights of another network that fit; see <see cref="Checkpoint.LoadMatching"/>.</summary>
    public (IReadOnlyList<string> Taken, IReadOnlyList<string> Fresh) Begin(SafetensorsFile file)
    {
        var names = Checkpoint.LoadMatching(file, Network);
        average?.Reset();
        return names;
    }

    public void Dispose()
    {
        average?.Dispose();
        optimizer.Dispose();
        Network.Dispose();
    }

    /// <summary>The gradients of a batch, in the network's weights.</summary>
    /// <returns>The batch's loss.</returns>
    private double Gradients(PatchBatch batch, long step)
    {
        SeedOf(step);
        Network.train();
        optimizer.Clear();
        var sum = 0.0;
        foreach (var part in batch.Split(recipe.AccumulationSteps))
        {
            using var scope = NewDisposeScope();
            var (image, labels, position) = Entering(part);
            using var autocast = Autocast.Enter(precision);
            using var pass = Network.ForwardForTraining(image, position, cuts);
            sum += pass.Backward(answers =>
                DeepSupervision.Of(answers, labels, lossOf) / recipe.AccumulationSteps
            );
        }
        return sum;
    }

    // Dropout and noise draw from libtorch's stream: one of its own for every step makes a resumed run the same.
    private void SeedOf(long step) => manual_seed(unchecked(recipe.Seed * 1_000_003 + step));

    private BatchTensors Entering(PatchBatch part)
    {
        var tensors = BatchTensors.Of(part, patch, device);
        return recipe.InputNoise > 0
            ? tensors with
            {
                Image = tensors.Image + recipe.InputNoise * randn_like(tensors.Image),
            }
            : tensors;
    }

    // The step again, looking at every value on the way.
    private ProblemException NotFinite(PatchBatch batch, long step, double loss)
    {
        SeedOf(step);
        string? value = null;
        using (Autocast.Enter(precision))
            foreach (var part in batch.Split(recipe.AccumulationSteps))
            {
                var (image, _, position) = Entering(part);
                value ??= Network.FirstNotFinite(image, position);
            }
        // Clipping has spoilt the gradients.
        if (value is null)
            _ = Gradients(batch, step);
        var place = (value, Network.FirstGradientNotFinite(), double.IsFinite(loss)) switch
        {
            ({ } stage, _, _) => stage,
            (_, { } stage, _) => $"the gradient of {stage}",
            (_, _, false) => "the loss itself",
            _ => "the norm of all gradients",
        };
        return new(
            ExitCode.Numerics,
            $"step {step + 1}, cases {string.Join(", ", batch.Cases)}",
            $"{(double.IsFinite(loss) ? "the gradient is not finite" : $"the loss is {loss}")}, first at {place}",
            "Lower the learning rate (--set learningRate=…) or train with --precision fp32; the checkpoint before is kept"
        );
    }
}
