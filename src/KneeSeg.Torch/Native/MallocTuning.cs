using System.Runtime;

namespace KneeSeg.Torch;

/// <summary>
/// While it is held, no garbage is collected. TorchSharp makes an object for every number that it hands to libtorch
/// (<c>x + y</c> has one, for the factor 1) and lets go of it before libtorch has read it: a collection that another
/// thread begins just then frees the number in use, and a step in some ten thousand fails.
/// </summary>
public readonly struct MallocTuning : IDisposable
{
    // More than a step allocates. Where it is not enough there is a collection after all, as there would be without this.
    private const long Room = 96 << 20;

    private readonly bool isHeld;

    private MallocTuning(bool isHeld) => this.isHeld = isHeld;

    /// <summary>Begins; inside another one it does nothing.</summary>
    public static MallocTuning Hold() =>
        new(
            GCSettings.LatencyMode != GCLatencyMode.NoGCRegion
                && GC.TryStartNoGCRegion(Room, disallowFullBlockingGC: true)
        );

    /// <summary>Ends.</summary>
    public void Dispose()
    {
        if (isHeld && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            GC.EndNoGCRegion();
    }
}
