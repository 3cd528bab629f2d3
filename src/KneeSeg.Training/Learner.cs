using KneeSeg.Data.Patches;
using KneeSeg.Imaging;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Losses;
using KneeSeg.Training.Optimization;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>The train state: a network, its optimizer and EMA weights, as stored in a checkpoint.</summary>
internal sealed class Learner : IDisposable
{
    private readonly Recipe recipe;
    private readonly ModelInput patch;
    private readonly Precision precision;
    private readonly Device device;
    private readonly Optimizer optimizer;
    private readonly EmaWeights? ema;
    private readonly NetworkLoss loss;
    private readonly int[] segmentStarts;

    public Learner(
        TorchNetwork network,
        Recipe recipe,
        ModelInput patch,
        ModelSpacing spacing,
        Precision precision,
        Device device,
        params int[] segmentStarts
    )
    {
        (Network, this.recipe, this.patch) = (network, recipe, patch);
        (this.precision, this.device, this.segmentStarts) = (precision, device, segmentStarts);
        optimizer = new Optimizer(network, recipe);
        ema = recipe.EmaDecay > 0 ? new EmaWeights(network, recipe.EmaDecay) : null;
        loss = NetworkLoss.Of(network.Graph, recipe, spacing);
    }

    public TorchNetwork Network { get; }

    /// <summary>The outputs whose losses a step has; none without named outputs.</summary>
    public IReadOnlyList<string> OutputNames => loss.Names;

    /// <summary>One optimizer step.</summary>
    /// <param name="batch">Its patches.</param>
    /// <param name="step">Counted from 0 over the run.</param>
    /// <param name="rate">The learning rate.</param>
    /// <returns>The batch's loss.</returns>
    /// <exception cref="ProblemException">Loss or gradient is not finite (exit 7); weights are as before.</exception>
    public StepLoss Step(PatchBatch batch, long step, double rate)
    {
        using var noGc = NoGarbageCollection.Enter();
        using var scope = NewDisposeScope();
        var result = Gradients(batch, step);
        var norm = nn.utils.clip_grad_norm_(Network.parameters(), recipe.GradientClip);
        if (!double.IsFinite(result.Total) || !double.IsFinite(norm))
            throw NotFinite(batch, step, result.Total);
        optimizer.Step(rate);
        ema?.Update(step);
        return result;
    }

    /// <summary>The loss of the network's own output in evaluation mode; changes nothing.</summary>
    public double LossOf(PatchBatch batch)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        Network.eval();
        var (image, labels, position) = BatchTensors.Of(batch, patch, device);
        using var autocast = Autocast.Enter(precision);
        return loss.Of([Network.forward(image, position)], labels, batch.Groups)
            .Total.item<float>();
    }

    /// <summary>
    /// Swaps the EMA weights, which validate and predict, into the network until disposed. <see cref="OptimizerState"/> must
    /// be read meanwhile.
    /// </summary>
    /// <returns>Null without EMA.</returns>
    public IDisposable? UseEmaWeights() => ema?.Swap();

    /// <summary>The training state of a checkpoint, besides the weights that predict.</summary>
    public IEnumerable<(string Name, Tensor Value)> OptimizerState() =>
        [.. optimizer.State(), .. ema?.State() ?? []];

    /// <summary>Restores weights and training state from a checkpoint.</summary>
    /// <exception cref="ProblemException">It is of another network, or has no training state (exit 5).</exception>
    public void Restore(SafetensorsFile file, string where)
    {
        using var scope = NewDisposeScope();
        Tensor? Saved(string name) =>
            file.Tensors.TryGetValue(name, out var stored) ? TensorBytes.Restore(stored) : null;
        Checkpoint.Load(file, where, Network);
        if (!optimizer.Restore(Saved) || ema?.Restore(Saved) == false)
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                "has weights but no training state",
                "Resume from last.safetensors, not from the best weights"
            );
    }

    /// <summary>Loads matching weights of another network; see <see cref="Checkpoint.LoadMatching"/>.</summary>
    public (IReadOnlyList<string> Loaded, IReadOnlyList<string> Fresh) LoadMatching(
        SafetensorsFile file
    )
    {
        var names = Checkpoint.LoadMatching(file, Network);
        ema?.Reset();
        return names;
    }

    public void Dispose()
    {
        ema?.Dispose();
        optimizer.Dispose();
        Network.Dispose();
    }

    /// <summary>Computes the gradients of a batch in the network's weights.</summary>
    /// <returns>The batch's loss.</returns>
    private StepLoss Gradients(PatchBatch batch, long step)
    {
        SeedFor(step);
        Network.train();
        optimizer.Clear();
        var sum = 0.0;
        var each = new double[OutputNames.Count];
        foreach (var part in batch.Split(recipe.AccumulationSteps))
        {
            using var scope = NewDisposeScope();
            var (image, labels, position) = TensorsOf(part);
            using var autocast = Autocast.Enter(precision);
            using var pass = Network.ForwardForTraining(image, position, segmentStarts);
            sum += pass.Backward(outputs =>
            {
                var (total, losses) = loss.Of(outputs, labels, part.Groups);
                for (var i = 0; i < each.Length; i++)
                    each[i] += losses[i].item<float>() / (double)recipe.AccumulationSteps;
                return total / recipe.AccumulationSteps;
            });
        }
        return new(sum, each);
    }

    // Dropout and noise use libtorch's generator: seeding it for each step makes resumed runs identical.
    private void SeedFor(long step) => manual_seed(unchecked(recipe.Seed * 1_000_003 + step));

    private BatchTensors TensorsOf(PatchBatch part)
    {
        var tensors = BatchTensors.Of(part, patch, device);
        return recipe.InputNoise > 0
            ? tensors with
            {
                Image = tensors.Image + recipe.InputNoise * randn_like(tensors.Image),
            }
            : tensors;
    }

    // Repeats the step, checking every value.
    private ProblemException NotFinite(PatchBatch batch, long step, double loss)
    {
        SeedFor(step);
        string? value = null;
        using (Autocast.Enter(precision))
            foreach (var part in batch.Split(recipe.AccumulationSteps))
            {
                var (image, _, position) = TensorsOf(part);
                value ??= Network.FirstNotFinite(image, position);
            }
        // Clipping has overwritten the gradients.
        if (value is null)
            _ = Gradients(batch, step);
        var origin = (value, Network.FirstGradientNotFinite(), double.IsFinite(loss)) switch
        {
            ({ } stage, _, _) => stage,
            (_, { } stage, _) => $"the gradient of {stage}",
            (_, _, false) => "the loss itself",
            _ => "the norm of all gradients",
        };
        return new(
            ExitCode.Numerics,
            $"step {step + 1}, cases {string.Join(", ", batch.Cases)}",
            $"{(double.IsFinite(loss) ? "the gradient is not finite" : $"the loss is {loss}")}, first at {origin}",
            "Lower the learning rate (--set learningRate=…) or train with --precision fp32; the previous checkpoint is kept"
        );
    }
}

/// <summary>The loss of a training step.</summary>
/// <param name="Total">What was minimized.</param>
/// <param name="Outputs">Of each output before it is weighted, by <see cref="Learner.OutputNames"/>.</param>
internal readonly record struct StepLoss(double Total, IReadOnlyList<double> Outputs);
