using System.Runtime.InteropServices;
using KneeSeg.Data;
using KneeSeg.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>
/// Runs a network over a whole prepared volume: in windows of the size it was trained on, half overlapping, each
/// counting most in its middle. Slices are labelled one by one by networks that label slices.
/// </summary>
/// <param name="network">The network, on the device. It takes images of one channel.</param>
/// <param name="patch">What it was trained on.</param>
/// <param name="precision">What it computes in; probabilities are float32.</param>
/// <param name="device">Where it runs.</param>
public sealed class SlidingWindows(
    TorchNetwork network,
    NetworkPatch patch,
    Precision precision,
    Device device
)
{
    // Enough to keep the processor busy; more at a time only takes memory.
    private const int VoxelsAtOnce = 64 * 64 * 64;

    /// <summary>How probable each class is in each voxel. A network of one class gives two maps, without it and with it.</summary>
    /// <param name="image">A prepared image, [depth, height, width].</param>
    /// <param name="size">Its size.</param>
    /// <param name="progress">Hears how many windows are done, of how many.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <exception cref="ProblemException">The network gives values that are not finite (exit 7).</exception>
    public ClassMaps Predict(
        ReadOnlyMemory<float> image,
        ModelSize size,
        Action<int, int>? progress = null,
        CancellationToken cancel = default
    )
    {
        var plan = WindowPlan.For(patch, size);
        var reader = new WindowReader(image, size, patch);
        var atOnce = (int)Math.Clamp(VoxelsAtOnce / patch.Size.Count, 1, plan.Count);
        ClassMaps? maps = null;
        var done = 0;
        var wasTraining = network.training;
        network.eval();
        try
        {
            foreach (var windows in plan.Windows.Chunk(atOnce))
            {
                cancel.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var said = Say(windows, reader);
                maps ??= ClassMaps.Empty((int)said.shape[1], size);
                var values = MemoryMarshal.Cast<byte, float>(said.bytes);
                for (var i = 0; i < windows.Length; i++)
                    maps.Add(windows[i], values[(i * (values.Length / windows.Length))..]);
                progress?.Invoke(done += windows.Length, plan.Count);
            }
        }
        finally
        {
            network.train(wasTraining);
        }
        return maps!;
    }

    // [window, class, depth, height, width]; depth is 1 or absent where slices are labelled.
    private Tensor Say(Window[] windows, WindowReader reader)
    {
        var voxels = (int)patch.Size.Count;
        var seen = new float[windows.Length * voxels];
        for (var i = 0; i < windows.Length; i++)
            reader.Read(windows[i], seen.AsSpan(i * voxels, voxels));
        var (depth, height, width) = patch.Size;
        long[] shape =
            patch.Kind == PatchKind.Slice
                ? [windows.Length, 1, height, width]
                : [windows.Length, 1, depth, height, width];
        float[] positions = [.. windows.SelectMany(window => window.Position)];

        return Probabilities.Of(
            network,
            tensor(seen, shape, device: device),
            tensor(positions, [windows.Length, 3], device: device),
            precision
        );
    }
}
