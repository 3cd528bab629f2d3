using System.Diagnostics;
using System.Runtime.InteropServices;
using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>
/// Runs a network over a whole prepared volume: in windows of the size it was trained on, half overlapping, each
/// counting most in its middle. Slices are labeled one by one by networks that label slices. Probabilities come slab
/// by slab, so that memory does not grow with the depth of the volume.
/// </summary>
/// <param name="network">The network, on the device. It takes images of one channel.</param>
/// <param name="patch">What it was trained on.</param>
/// <param name="precision">What it computes in; probabilities are float32.</param>
/// <param name="device">Where it runs.</param>
/// <param name="flips">Ways to mirror a window; the answers are averaged over them and the window as it is.</param>
public sealed class SlidingWindow(
    TorchNetwork network,
    ModelInput patch,
    Precision precision,
    Device device,
    IReadOnlyList<TestTimeFlip>? flips = null
)
{
    // Enough to keep the processor busy; more at a time only takes memory.
    private const int VoxelsAtOnce = 64 * 64 * 64;

    /// <summary>The most probable class of each voxel.</summary>
    /// <param name="image">A prepared image, [depth, height, width].</param>
    /// <param name="size">Its size.</param>
    /// <returns>[depth, height, width]; of equals the first.</returns>
    /// <exception cref="ProblemException">The network gives values that are not finite (exit 7).</exception>
    public byte[] Labels(ReadOnlyMemory<float> image, ModelSize size)
    {
        var labels = new byte[size.Count];
        var plane = size.Height * size.Width;
        foreach (var slab in Slabs(image, size, WindowPlan.Overlapping(patch, size)))
            Argmax.Labels(slab.Maps, labels.AsSpan(slab.First * plane, slab.Count * plane));
        return labels;
    }

    /// <summary>The most probable class of each voxel of one slice; the slices behind it are not asked for.</summary>
    /// <param name="image">A prepared image, [depth, height, width].</param>
    /// <param name="size">Its size.</param>
    /// <param name="slice">Its index along the depth.</param>
    /// <returns>[height, width]; of equals the first.</returns>
    /// <exception cref="ProblemException">The network gives values that are not finite (exit 7).</exception>
    public byte[] Labels(ReadOnlyMemory<float> image, ModelSize size, int slice)
    {
        var labels = new byte[size.Height * size.Width];
        var slab = Slabs(image, size, WindowPlan.Overlapping(patch, size))
            .First(slab => slice < slab.First + slab.Count);
        var start = (slice - slab.First) * labels.Length;
        Argmax.Labels(Array.ConvertAll(slab.Maps, map => map.Slice(start, labels.Length)), labels);
        return labels;
    }

    /// <summary>How many windows of a plan go through the network at a time.</summary>
    internal static int AtOnce(WindowPlan plan) =>
        (int)Math.Clamp(VoxelsAtOnce / plan.Largest.Count, 1, plan.Count);

    /// <summary>
    /// How probable each class is in each voxel, the background first. A network of one class gives two maps, without
    /// it and with it.
    /// </summary>
    /// <param name="image">A prepared image, [depth, height, width].</param>
    /// <param name="size">Its size.</param>
    /// <param name="plan">Where the windows are.</param>
    /// <param name="progress">Hears how many windows were done since it was last called.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <exception cref="ProblemException">The network gives values that are not finite (exit 7).</exception>
    internal IEnumerable<SliceRange> Slabs(
        ReadOnlyMemory<float> image,
        ModelSize size,
        WindowPlan plan,
        Action<int>? progress = null,
        CancellationToken cancel = default
    )
    {
        var reader = new WindowReader(image, size, patch.Kind);
        var depths = plan.Depth.Tiles;
        WeightedAccumulator? sum = null;
        var wasTraining = network.training;
        network.eval();
        try
        {
            for (var i = 0; i < depths.Count; i++)
            {
                foreach (var windows in Batches(plan, depths[i]))
                {
                    cancel.ThrowIfCancellationRequested();
                    sum = Add(windows, reader, sum, plan, size);
                    progress?.Invoke(windows.Length);
                }
                var end = i + 1 < depths.Count ? depths[i + 1].OutputOffset : size.Depth;
                yield return sum!.Finished(end);
                sum.Forget(end);
            }
        }
        finally
        {
            network.train(wasTraining);
        }
    }

    /// <summary>How long a voxel of a window takes, windows as many at a time as there are many.</summary>
    internal double SecondsPerVoxel()
    {
        var atOnce = (int)Math.Max(1, VoxelsAtOnce / patch.Size.Count);
        var row = patch.Size with { Width = patch.Size.Width * (atOnce + 1) / 2 };
        var plan = WindowPlan.Overlapping(patch, row);
        var image = new float[row.Count];
        double Run()
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var _ in Slabs(image, row, plan)) { }
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        // The first time libtorch prepares its kernels.
        Run();
        return Math.Min(Run(), Run()) / plan.VoxelsSeen / (1 + (flips?.Count ?? 0));
    }

    private static IEnumerable<Window[]> Batches(WindowPlan plan, Tile depth) =>
        plan.WindowsAt(depth)
            .GroupBy(window => window.Size)
            .SelectMany(same => same.Chunk(AtOnce(plan)));

    private WeightedAccumulator Add(
        Window[] windows,
        WindowReader reader,
        WeightedAccumulator? sum,
        WindowPlan plan,
        ModelSize size
    )
    {
        using var steady = MallocTuning.Hold();
        using var scope = NewDisposeScope();
        var said = Say(windows, reader);
        var classes = (int)said.shape[1];
        sum ??= new(classes, plan.Depth.Tiles.Max(tile => tile.Weights.Length), size);
        int[] lengths = [.. said.shape[2..].Select(length => (int)length)];
        var spoken = new ModelSize(lengths.Length == 3 ? lengths[0] : 1, lengths[^2], lengths[^1]);
        var values = MemoryMarshal.Cast<byte, float>(said.bytes);
        var each = values.Length / windows.Length;
        for (var i = 0; i < windows.Length; i++)
            sum.Add(windows[i], values.Slice(i * each, each), spoken);
        return sum;
    }

    // [window, class, depth, height, width]; depth is 1 or absent where slices are labeled.
    private Tensor Say(Window[] windows, WindowReader reader)
    {
        var (depth, height, width) = windows[0].Size;
        var voxels = depth * height * width;
        long[] shape =
            patch.Kind == PatchKind.Slice
                ? [windows.Length, 1, height, width]
                : [windows.Length, 1, depth, height, width];
        // Straight into the tensor: arrays of that size would pile up until they are collected.
        var seen = empty(shape, ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(seen.bytes);
        for (var i = 0; i < windows.Length; i++)
            reader.Read(windows[i], values.Slice(i * voxels, voxels));
        float[] positions = [.. windows.SelectMany(window => window.Position)];
        var image = seen.to(device);
        var position = tensor(positions, [windows.Length, 3], device: device);
        var said = Probabilities.Of(network, image, position, precision);
        if (flips is not { Count: > 0 })
            return said;
        foreach (var flip in flips)
        {
            using var scope = NewDisposeScope();
            said.add_(
                flip.Back(
                    Probabilities.Of(network, flip.Of(image), flip.OfPosition(position), precision)
                )
            );
        }
        return said.div_(flips.Count + 1);
    }
}
