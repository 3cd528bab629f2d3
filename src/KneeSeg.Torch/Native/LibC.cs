using System.Runtime.InteropServices;

namespace KneeSeg.Torch;

/// <summary>The few functions of glibc that decide how libtorch gets its memory.</summary>
internal static partial class LibC
{
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapMax = -4;
    private const int ArenaMax = -8;

    /// <summary>
    /// Keeps freed memory for the next step: no block gets a mapping of its own, nothing goes back to the system,
    /// one arena serves all threads, and it grows by 64 MiB. Large blocks come in huge pages.
    /// </summary>
    /// <remarks>Must come before libtorch takes its first block; it reads the variable once.</remarks>
    public static void KeepLargeBlocks()
    {
        _ = mallopt(MmapMax, 0);
        _ = mallopt(TrimThreshold, int.MaxValue);
        _ = mallopt(TopPad, 64 << 20);
        _ = mallopt(ArenaMax, 1);
        // .NET's own SetEnvironmentVariable doesn't reach native code.
        _ = setenv("THP_MEM_ALLOC_ENABLE", "1", 0);
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
