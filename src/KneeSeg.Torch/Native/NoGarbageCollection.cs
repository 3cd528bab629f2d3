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

    private readonly bool isOwner;

    private NoGarbageCollection(bool isOwner) => this.isOwner = isOwner;

    /// <summary>Suspends collection; nested calls do nothing.</summary>
    public static NoGarbageCollection Enter() =>
        new(
            GCSettings.LatencyMode != GCLatencyMode.NoGCRegion
                && GC.TryStartNoGCRegion(Room, disallowFullBlockingGC: true)
        );

    /// <summary>Allows collection again.</summary>
    public void Dispose()
    {
        if (isOwner && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            GC.EndNoGCRegion();
    }
}
