using System.Diagnostics;
using System.Runtime.InteropServices;
using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Inference.Engines;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.Quality;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace KneeSeg.Inference;

/// <summary>
/// Sliding-window inference over a preprocessed volume: windows of the training patch size with 50 % overlap and Gaussian
/// blending weights; slice by slice for networks that predict slices. Probabilities are produced in ranges of slices, so
/// memory does not grow with the depth of the volume.
/// </summary>
public sealed class SlidingWindow
{
    private readonly IEngine engine;
    private readonly ModelInput patch;
    private readonly IReadOnlyList<TestTimeFlip> flips;

    /// <summary>Windows of a network.</summary>
    /// <param name="network">The network, on the device.</param>
    /// <param name="patch">The model input.</param>
    /// <param name="precision">The precision; probabilities are float32.</param>
    /// <param name="device">The device.</param>
    /// <param name="flips">Test-time augmentation: probabilities are averaged over these flips and the unflipped window.</param>
    public SlidingWindow(
        TorchNetwork network,
        ModelInput patch,
        Precision precision,
        Device device,
        IReadOnlyList<TestTimeFlip>? flips = null
    )
        : this(new TorchEngine(network, precision, device), patch, flips) { }

    internal SlidingWindow(
        IEngine engine,
        ModelInput patch,
        IReadOnlyList<TestTimeFlip>? flips = null
    ) => (this.engine, this.patch, this.flips) = (engine, patch, flips ?? []);

    /// <summary>Named outputs that are predicted too.</summary>
    internal IReadOnlyList<PredictedOutput> Outputs { get; init; } = [];

    /// <summary>How far windows overlap; without overlap predictions take an eighth of the time, and are worse at borders.</summary>
    internal double Overlap { get; init; } = WindowPlan.Overlap;

    /// <summary>The most probable class of each voxel.</summary>
    /// <param name="image">A preprocessed image, [channel, depth, height, width].</param>
    /// <param name="size">The size of a channel.</param>
    /// <param name="reference">The reference of the case, where <paramref name="calibration"/> is given.</param>
    /// <param name="calibration">Receives the probabilities.</param>
    /// <returns>[depth, height, width]; of equals the first.</returns>
    /// <param name="cancel">Stops between windows.</param>
    /// <exception cref="ProblemException">The network outputs non-finite values (exit 7).</exception>
    public byte[] Labels(
        ReadOnlyMemory<float> image,
        ModelSize size,
        ReadOnlyMemory<byte> reference = default,
        TemperatureScaling? calibration = null,
        CancellationToken cancel = default
    ) => Labels(image, size, Windows(size), reference, calibration, cancel);

    /// <summary>The windows of a volume.</summary>
    internal WindowPlan Windows(ModelSize size) => WindowPlan.Overlapping(patch, size, Overlap);

    /// <summary>The most probable class of each voxel of what a plan predicts.</summary>
    /// <inheritdoc cref="Labels(ReadOnlyMemory{float}, ModelSize, ReadOnlyMemory{byte}, TemperatureScaling?, CancellationToken)"/>
    internal byte[] Labels(
        ReadOnlyMemory<float> image,
        ModelSize size,
        WindowPlan plan,
        ReadOnlyMemory<byte> reference = default,
        TemperatureScaling? calibration = null,
        CancellationToken cancel = default
    )
    {
        var labels = new byte[plan.Size.Count];
        var plane = plan.Height.Size * plan.Width.Size;
        foreach (var range in SliceRanges(image, size, plan, cancel: cancel))
        {
            Argmax.Labels(range.Maps, labels.AsSpan(range.First * plane, range.Count * plane));
            calibration?.Add(range, reference.Span);
        }
        return labels;
    }

    /// <summary>The most probable class of each voxel of one slice; only windows that touch it are computed.</summary>
    /// <param name="image">A preprocessed image, [channel, depth, height, width].</param>
    /// <param name="size">The size of a channel.</param>
    /// <param name="slice">Its index along the depth.</param>
    /// <returns>[height, width]; of equals the first.</returns>
    /// <exception cref="ProblemException">The network outputs non-finite values (exit 7).</exception>
    public byte[] Labels(ReadOnlyMemory<float> image, ModelSize size, int slice)
    {
        var plan = Windows(size);
        return Labels(image, size, plan with { Depth = plan.Depth.At(slice) });
    }

    /// <summary>
    /// Class probabilities, the background first, in consecutive ranges of slices; logits where these are averaged. A network
    /// with one output channel gives background and foreground. The maps of <see cref="Outputs"/> follow.
    /// </summary>
    /// <param name="image">A preprocessed image, [channel, depth, height, width].</param>
    /// <param name="size">The size of a channel.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="progress">Receives the number of windows done since the last call.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <param name="numbers">Receives the largest values of vectors among <see cref="Outputs"/> over all windows.</param>
    /// <exception cref="ProblemException">The network outputs non-finite values (exit 7).</exception>
    internal IEnumerable<SliceRange> SliceRanges(
        ReadOnlyMemory<float> image,
        ModelSize size,
        WindowPlan plan,
        Action<int>? progress = null,
        CancellationToken cancel = default,
        float[]? numbers = null
    )
    {
        var input = new WindowInput(image, size, patch);
        var depths = plan.Depth.Tiles;
        WeightedAccumulator? sum = null;
        using var predicting = engine.Predicting();
        try
        {
            for (var i = 0; i < depths.Count; i++)
            {
                foreach (var windows in Batches(plan, depths[i]))
                {
                    cancel.ThrowIfCancellationRequested();
                    sum = Add(windows, input, sum, plan, numbers);
                    progress?.Invoke(windows.Length);
                }
                var end = i + 1 < depths.Count ? depths[i + 1].OutputOffset : plan.Depth.Size;
                var finished = sum!.Finished(end);
                // The next windows may add to the same slices.
                if (finished.Count == 0)
                    continue;
                yield return finished;
                sum.Discard(end);
            }
        }
        finally
        {
            sum?.Dispose();
        }
    }

    /// <summary>Seconds per window voxel at full batch size.</summary>
    internal double SecondsPerVoxel()
    {
        var batchSize = (int)Math.Max(1, WindowPlan.VoxelsAtOnce / patch.Size.Count);
        var row = patch.Size with { Width = patch.Size.Width * (batchSize + 1) / 2 };
        var plan = WindowPlan.Overlapping(patch, row);
        var image = new float[row.Count * engine.Graph.Channels / patch.Slices];
        double Run()
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var _ in SliceRanges(image, row, plan)) { }
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        // Warm-up: libtorch prepares its kernels.
        Run();
        return Math.Min(Run(), Run()) / plan.InputVoxels / (1 + flips.Count);
    }

    private static IEnumerable<Window[]> Batches(WindowPlan plan, Tile depth) =>
        plan.WindowsAt(depth)
            .GroupBy(window => window.Size)
            .SelectMany(same => same.Chunk(plan.BatchSize));

    private WeightedAccumulator Add(
        Window[] windows,
        WindowInput input,
        WeightedAccumulator? sum,
        WindowPlan plan,
        float[]? numbers
    )
    {
        using var noGc = NoGarbageCollection.Enter();
        using var scope = NewDisposeScope();
        var all = Predict(windows, input);
        Note(all, numbers);
        var maps = Maps(all);
        sum ??= new(
            (int)maps.shape[1],
            plan.Depth.Tiles.Max(tile => tile.Weights.Length),
            plan.Size
        );
        int[] lengths = [.. maps.shape[2..].Select(length => (int)length)];
        var outputSize = new ModelSize(
            lengths.Length == 3 ? lengths[0] : 1,
            lengths[^2],
            lengths[^1]
        );
        var values = MemoryMarshal.Cast<byte, float>(maps.bytes);
        var each = values.Length / windows.Length;
        for (var i = 0; i < windows.Length; i++)
            sum.Add(windows[i], values.Slice(i * each, each), outputSize);
        return sum;
    }

    // The probabilities of classes and the maps of outputs, [window, map, (depth), height, width]; depth is 1 for slabs and
    // absent for slices.
    private Tensor Maps(Tensor[] all) =>
        Outputs is []
            ? all[0]
            : cat(
                [
                    all[0],
                    .. Outputs
                        .Zip(all.Skip(1))
                        .Where(one => !one.First.IsVector)
                        .Select(one => one.Second),
                ],
                1
            );

    // What is in any window is in the image.
    private void Note(Tensor[] all, float[]? numbers)
    {
        if (numbers is null)
            return;
        float[] here =
        [
            .. Outputs
                .Zip(all.Skip(1))
                .Where(one => one.First.IsVector)
                .SelectMany(one => one.Second.flatten(1).amax([0]).data<float>().ToArray()),
        ];
        TensorPrimitives.Max(numbers, here, numbers);
    }

    // The probabilities of classes, then each output, all [window, part, …] on the CPU.
    private Tensor[] Predict(Window[] windows, WindowInput source)
    {
        var (depth, height, width) = windows[0].Size;
        var channels = engine.Graph.Channels;
        var voxels = channels * depth * height * width;
        long[] shape =
            patch.Kind == PatchKind.Slice
                ? [windows.Length, channels, height, width]
                : [windows.Length, channels, depth, height, width];
        // Read directly into the tensor: arrays of this size would accumulate until collected.
        var input = empty(shape, ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(input.bytes);
        for (var i = 0; i < windows.Length; i++)
            source.Read(windows[i], values.Slice(i * voxels, voxels));
        float[] positions = [.. windows.SelectMany(window => window.Position)];
        var image = input.to(engine.Device);
        var position = tensor(positions, [windows.Length, 3], device: engine.Device);
        var all = Values(image, position);
        if (flips is [])
            return all;
        foreach (var flip in flips)
        {
            using var scope = NewDisposeScope();
            var flipped = Values(flip.Of(image), flip.OfPosition(position));
            for (var i = 0; i < all.Length; i++)
                all[i].add_(flip.Undo(flipped[i], firstLabel: i == 0 ? 0 : 1));
        }
        foreach (var sum in all)
            sum.div_(flips.Count + 1);
        return all;
    }

    private Tensor[] Values(Tensor image, Tensor position)
    {
        var raw = engine.Forward(image, position, [.. Outputs.Select(one => one.Output)]);
        using var logits = raw[0];
        return
        [
            Finite(
                patch.Averaged == WindowAverage.Logits ? logits : OutputValues.Probabilities(logits)
            ),
            .. Outputs.Zip(
                raw.Skip(1),
                (output, own) => Finite(OutputValues.Of(output, own, logits.shape[2..]))
            ),
        ];
    }

    // None is large, so the sum is finite if all are.
    private Tensor Finite(Tensor values)
    {
        var found = values.cpu().contiguous();
        return float.IsFinite(found.sum().item<float>())
            ? found
            : throw new ProblemException(
                ExitCode.Numerics,
                engine.Graph.Name,
                "its output is not finite",
                "Predict with --precision fp32; if that does not help, train again at a lower learning rate"
            );
    }

    // Windows are padded as in training; slabs at either end of the volume repeat the last slice instead.
    private sealed record WindowInput(ReadOnlyMemory<float> Image, ModelSize Size, ModelInput Patch)
    {
        private readonly float[] outside =
        [
            .. Enumerable
                .Range(0, Image.Length / (int)Size.Count)
                .Select(i =>
                    Patch.Averaged == WindowAverage.Logits
                        ? 0
                        : TensorPrimitives.Min(
                            Image.Span.Slice(i * (int)Size.Count, (int)Size.Count)
                        )
                ),
        ];

        public void Read(Window window, Span<float> target) =>
            PatchExtractor.CopyImage(
                Image.Span,
                Size,
                window.Start,
                window.Size,
                Patch.Slices,
                outside,
                target,
                repeatSlices: Patch.Kind == PatchKind.Slab
            );
    }
}
