using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace KneeSeg.Torch.Native;

/// <summary>glibc's malloc settings for libtorch.</summary>
[SupportedOSPlatform("linux")]
internal static partial class LibC
{
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int ArenaMax = -8;

    /// <summary>
    /// Gives every block from <see cref="LibtorchMemory.MappedFrom"/> a mapping of its own, in huge pages, which goes back to the
    /// system with it, so that large blocks of many sizes do not fragment the heap. Smaller ones are kept for the next step,
    /// in one arena for all threads.
    /// </summary>
    /// <remarks>Must be called before libtorch's first allocation; it reads the variable once.</remarks>
    public static void TuneMalloc()
    {
        _ = mallopt(MmapThreshold, LibtorchMemory.MappedFrom);
        _ = mallopt(TrimThreshold, int.MaxValue);
        _ = mallopt(ArenaMax, 1);
        // .NET's own SetEnvironmentVariable doesn't reach native code.
        _ = setenv("THP_MEM_ALLOC_ENABLE", "1", 0);
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
