using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using KneeSeg.Data.Patches;
using KneeSeg.Imaging;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Torch.Layers;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Losses;
using KneeSeg.Training.Optimization;
using KneeSeg.Training.Parallel;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>The train state: a network, its optimizer and EMA weights, as stored in a checkpoint.</summary>
internal sealed class Learner : IDisposable
{
    // Seeds of parts differ in the 32 bits that libtorch uses, and that of the first is the step's.
    private const long PartSeed = 0x9E3779B9;

    private readonly Recipe recipe;
    private readonly ModelInput patch;
    private readonly Precision precision;
    private readonly Device device;
    private readonly Optimizer optimizer;
    private readonly EmaWeights? ema;
    private readonly NetworkLoss loss;
    private readonly int[] segmentStarts;
    private readonly Ranks ranks;
    private readonly GradientSum? sum;
    private IReadOnlyList<double[]> statistics = [];

    /// <param name="network">The network.</param>
    /// <param name="recipe">How it is trained.</param>
    /// <param name="patch">Size and kind of patches.</param>
    /// <param name="spacing">Of their voxels.</param>
    /// <param name="precision">Of feature maps.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="ranks">Those that train it together: each has one of the batch's accumulation steps.</param>
    /// <param name="segmentStarts">Of activation checkpointing; none without it.</param>
    public Learner(
        TorchNetwork network,
        Recipe recipe,
        ModelInput patch,
        ModelSpacing spacing,
        Precision precision,
        Device device,
        Ranks ranks,
        params int[] segmentStarts
    )
    {
        (Network, this.recipe, this.patch) = (network, recipe, patch);
        (this.precision, this.device, this.segmentStarts) = (precision, device, segmentStarts);
        this.ranks = ranks;
        sum = recipe.AccumulationSteps > 1 ? new GradientSum(network, ranks) : null;
        optimizer = new Optimizer(network, recipe);
        ema = recipe.EmaDecay > 0 ? new EmaWeights(network, recipe.EmaDecay) : null;
        loss = NetworkLoss.Of(network.Graph, recipe, spacing);
    }

    public TorchNetwork Network { get; }

    /// <summary>The outputs whose losses a step has; none without named outputs.</summary>
    public IReadOnlyList<string> OutputNames => loss.Names;

    /// <summary>One optimizer step: <see cref="Backward"/> and <see cref="Update"/>.</summary>
    /// <param name="batch">This process's patches.</param>
    /// <param name="step">Counted from 0 over the run.</param>
    /// <param name="rate">The learning rate.</param>
    /// <returns>The whole batch's loss.</returns>
    /// <exception cref="ProblemException">Loss or gradient is not finite (exit 7); weights are as before.</exception>
    public StepLoss Step(PatchBatch batch, long step, double rate)
    {
        var result = Backward(batch, step);
        Update(step, rate);
        return result;
    }

    /// <summary>Computes the gradients of a batch. Weights, running statistics of accumulated parts, and state stay as they are.</summary>
    /// <param name="batch">This process's patches.</param>
    /// <param name="step">Counted from 0 over the run.</param>
    /// <returns>The whole batch's loss.</returns>
    /// <exception cref="ProblemException">Loss or gradient is not finite (exit 7); weights are as before.</exception>
    public StepLoss Backward(PatchBatch batch, long step)
    {
        using var noGc = NoGarbageCollection.Enter();
        using var scope = NewDisposeScope();
        Network.train();
        var parts = Parts(batch);
        var result = sum is null ? Part(parts[0], step, null, null) : Gradients(parts, step);
        var norm = nn.utils.clip_grad_norm_(Network.parameters(), recipe.GradientClip);
        return double.IsFinite(result.Total) && double.IsFinite(norm)
            ? result
            : throw ranks.Failed(NotFinite(parts, step, result.Total));
    }

    /// <summary>Updates weights, running statistics and EMA weights by the gradients.</summary>
    /// <param name="step">Counted from 0 over the run.</param>
    /// <param name="rate">The learning rate.</param>
    public void Update(long step, double rate)
    {
        using var noGc = NoGarbageCollection.Enter();
        using var scope = NewDisposeScope();
        Network.ApplyStatistics(statistics);
        optimizer.Step(rate);
        ema?.Update(step);
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

    /// <summary>Swaps the EMA weights, which validate, into the network until disposed.</summary>
    /// <returns>Null without EMA.</returns>
    public IDisposable? UseEmaWeights() => ema?.Swap();

    /// <summary>The weights that predict, by their names in the network: the EMA weights if there are any.</summary>
    public IEnumerable<(string Name, Tensor Value)> PredictingWeights() =>
        Network.state_dict().Select(pair => (pair.Key, ema?.Average(pair.Key) ?? pair.Value));

    /// <summary>The training state of a checkpoint, besides the weights that predict.</summary>
    public IEnumerable<(string Name, Tensor Value)> TrainingState() =>
        [.. optimizer.State(), .. ema?.State() ?? []];

    /// <summary>A hash of weights and training state.</summary>
    public string Hash()
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, value) in PredictingWeights().Concat(TrainingState()))
            hash.AppendData(TensorBytes.Store(value).Data);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

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
        sum?.Dispose();
        optimizer.Dispose();
        Network.Dispose();
    }

    // Those of this process, with their numbers in the whole batch.
    private IReadOnlyList<BatchPart> Parts(PatchBatch batch) =>
        ranks.Count > 1
            ? [new(ranks.Rank, batch)]
            :
            [
                .. batch
                    .Split(recipe.AccumulationSteps)
                    .Select((part, i) => new BatchPart(i, part)),
            ];

    /// <summary>The gradients of a batch in several parts, and what they do to the running statistics.</summary>
    private StepLoss Gradients(IReadOnlyList<BatchPart> parts, long step)
    {
        double[] Result(BatchPart part)
        {
            using var own = Network.NewPartStatistics();
            var one = Part(part, step, own, sum!.Watch());
            sum.Add(isFirst: part == parts[0]);
            return [one.Total, .. one.Outputs, .. own.Values()];
        }
        var results =
            ranks.Count == 1
                ? parts.Select(Result).ToArray()
                : Array.ConvertAll(
                    ranks.Gather(() => MemoryMarshal.AsBytes<double>(Result(parts[0])).ToArray()),
                    bytes => MemoryMarshal.Cast<byte, double>(bytes).ToArray()
                );
        sum!.Complete();
        var losses = 1 + OutputNames.Count;
        statistics = Array.ConvertAll(results, result => result[losses..]);
        double Sum(int i) => results.Aggregate(0.0, (total, result) => total + result[i]);
        return new(Sum(0), [.. Enumerable.Range(1, OutputNames.Count).Select(Sum)]);
    }

    /// <summary>The gradients of one part, in the network's weights.</summary>
    /// <returns>Its share of the batch's loss.</returns>
    private StepLoss Part(BatchPart part, long step, PartStatistics? own, GradientWatch? watch)
    {
        SeedFor(step, part.Number);
        optimizer.Clear();
        using var scope = NewDisposeScope();
        var (image, labels, position) = TensorsOf(part.Patches);
        using var autocast = Autocast.Enter(precision);
        using var pass = Network.ForwardForTraining(image, position, own, watch, segmentStarts);
        double[] each = [];
        var total = pass.Backward(outputs =>
        {
            var (total, losses) = loss.Of(outputs, labels, part.Patches.Groups);
            each =
            [
                .. OutputNames.Select(
                    (_, i) => losses[i].item<float>() / (double)recipe.AccumulationSteps
                ),
            ];
            return total / recipe.AccumulationSteps;
        });
        return new(total, each);
    }

    // Dropout and noise use libtorch's generator: seeding it for each part of a step makes resumed runs identical, and parts
    // independent of each other.
    private void SeedFor(long step, int part) =>
        manual_seed(unchecked(recipe.Seed * 1_000_003 + step + part * PartSeed));

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

    private ProblemException NotFinite(IReadOnlyList<BatchPart> parts, long step, double loss)
    {
        var cases = string.Join(", ", parts.SelectMany(part => part.Patches.Cases));
        // Of each rank, as each knows its own values only.
        var all = Array.ConvertAll(
            ranks.Gather(() => Encoding.UTF8.GetBytes($"{cases}\n{Origin(parts, step)}")),
            text => Encoding.UTF8.GetString(text).Split('\n')
        );
        var origin =
            all.Select(one => one[1]).FirstOrDefault(one => one != "")
            ?? (double.IsFinite(loss) ? "the norm of all gradients" : "the loss itself");
        return new(
            ExitCode.Numerics,
            $"step {step + 1}, cases {string.Join(", ", all.Select(one => one[0]))}",
            $"{(double.IsFinite(loss) ? "the gradient is not finite" : $"the loss is {loss}")}, first at {origin}",
            "Lower the learning rate (--set learningRate=…) or train with --precision fp32; the previous checkpoint is kept"
        );
    }

    // Repeats the step, checking every value. Clipping has overwritten the gradients.
    private string? Origin(IReadOnlyList<BatchPart> parts, long step)
    {
        foreach (var part in parts)
        {
            SeedFor(step, part.Number);
            using var autocast = Autocast.Enter(precision);
            var (image, _, position) = TensorsOf(part.Patches);
            if (Network.FirstNotFinite(image, position) is { } stage)
                return stage;
        }
        foreach (var part in parts)
        {
            using var own = sum is null ? null : Network.NewPartStatistics();
            _ = Part(part, step, own, null);
            if (Network.FirstGradientNotFinite() is { } stage)
                return $"the gradient of {stage}";
        }
        return null;
    }

    /// <summary>One of the parts that a batch is computed in.</summary>
    private sealed record BatchPart(int Number, PatchBatch Patches);
}

/// <summary>The loss of a training step.</summary>
/// <param name="Total">What was minimized.</param>
/// <param name="Outputs">Of each output before it is weighted, by <see cref="Learner.OutputNames"/>.</param>
internal readonly record struct StepLoss(double Total, IReadOnlyList<double> Outputs);
