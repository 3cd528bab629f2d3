using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace KneeSeg.Torch.Native;

/// <summary>
/// Large blocks that libtorch has freed, kept for its next ones of the same size: the pages of a new block are zeroed by the system
/// first, which takes longer than the arithmetic of a narrow layer. Used and kept blocks together are never more than what was used at
/// once, so that the peak is the same as without.
/// </summary>
internal static unsafe class BlockPool
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<nint, nuint> Used = [];

    // The last freed is reused first, while the caches have it.
    private static readonly List<(nint Address, nuint Size)> Kept = [];
    private static nuint used;
    private static nuint kept;
    private static nuint most;

    /// <summary>Of used and kept blocks together.</summary>
    public static nuint Bytes => used + kept;

    /// <summary>Returns the kept blocks to the system: what comes next needs others.</summary>
    public static void Clear()
    {
        lock (Gate)
        {
            KeepWithin(0);
            most = used;
        }
    }

    /// <summary>A block of a size.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses it.</exception>
    [SupportedOSPlatform("linux")]
    public static nint Take(nuint size)
    {
        lock (Gate)
        {
            var at = Kept.FindLastIndex(block => block.Size == size);
            nint address;
            if (at >= 0)
            {
                address = Kept[at].Address;
                Kept.RemoveAt(at);
                kept -= size;
            }
            else
            {
                KeepWithin(most > used + size ? most - used - size : 0);
                address = New(size);
            }
            Used[address] = size;
            used += size;
            most = nuint.Max(most, used);
            return address;
        }
    }

    /// <summary>Takes a block back.</summary>
    public static void Give(nint address)
    {
        lock (Gate)
        {
            if (!Used.Remove(address, out var size))
                return;
            used -= size;
            Kept.Add((address, size));
            kept += size;
        }
    }

    [SupportedOSPlatform("linux")]
    private static nint New(nuint size)
    {
        try
        {
            return LibC.NewBlock(size);
        }
        catch (OutOfMemoryException)
        {
            KeepWithin(0);
            return LibC.NewBlock(size);
        }
    }

    private static void KeepWithin(nuint bytes)
    {
        var count = 0;
        for (; kept > bytes; count++)
        {
            NativeMemory.AlignedFree((void*)Kept[count].Address);
            kept -= Kept[count].Size;
        }
        Kept.RemoveRange(0, count);
    }
}
