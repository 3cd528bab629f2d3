using System.Runtime;

namespace KneeSeg.Torch.Native;

/// <summary>
/// Suspends garbage collection until disposed. TorchSharp creates an object for every scalar that it passes to libtorch
/// (<c>x + y</c> has one, for the factor 1) and may release it before libtorch has read it: a collection on another thread
/// then frees the scalar in use, and about one step in ten thousand fails.
/// </summary>
public readonly struct NoGarbageCollection : IDisposable
{
    // More than a step allocates; beyond it the runtime collects after all.
    private const long Room = 96 << 20;

    // While collections are suspended again and again, the runtime never frees anything by itself.
    private static long collectedAt;

    private readonly bool isOwner;

    private NoGarbageCollection(bool isOwner) => this.isOwner = isOwner;

    /// <summary>Suspends collection, after one if much was allocated since the last; nested calls do nothing.</summary>
    public static NoGarbageCollection Enter()
    {
        if (GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            return default;
        var allocated = GC.GetTotalAllocatedBytes();
        if (allocated - collectedAt > Room)
        {
            GC.Collect();
            collectedAt = allocated;
        }
        return new(GC.TryStartNoGCRegion(Room, disallowFullBlockingGC: true));
    }

    /// <summary>Allows collection again.</summary>
    public void Dispose()
    {
        if (isOwner && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            GC.EndNoGCRegion();
    }
}
