using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Native;

/// <summary>
/// Loads libtorch with its fastest malloc and thread settings. Must be called before the first tensor is created.
/// </summary>
public static class NativeStart
{
    private static readonly string Library =
        OperatingSystem.IsWindows() ? "LibTorchSharp.dll"
        : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib"
        : "libLibTorchSharp.so";

    private static readonly Lock Once = new();
    private static bool started;

    /// <summary>Loads libtorch once; later calls do nothing.</summary>
    /// <exception cref="ProblemException">The native libraries can't be loaded (exit 6).</exception>
    public static void Initialize()
    {
        lock (Once)
        {
            if (started)
                return;
            if (OperatingSystem.IsLinux())
                LibC.TuneMalloc();
            Load(Path.Combine(AppContext.BaseDirectory, Library));
            if (OperatingSystem.IsLinux())
                PooledAllocator.Install(AppContext.BaseDirectory);
            set_num_threads(Threads);
            started = true;
        }
    }

    // OpenMP's variable, so that several runs can share a machine.
    private static int Threads =>
        int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads)
        && threads > 0
            ? threads
            : Processor.Cores;

    /// <summary>Loads TorchSharp's library by its full path, so that the loader's own error can be reported.</summary>
    internal static void Load(string path)
    {
        if (!File.Exists(path))
            throw Unusable(path, "is missing", "Rebuild: the build copies it there", null);
        try
        {
            NativeLibrary.Load(path);
            InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e)
            when (e is DllNotFoundException or NotSupportedException or BadImageFormatException)
        {
            throw Unusable(path, $"can't be loaded ({Reason(e)})", Fix(e), e);
        }
    }

    private static ProblemException Unusable(
        string path,
        string what,
        string fix,
        Exception? cause
    ) => new(ExitCode.Resources, path, what, fix, cause);

    // .NET lists every attempt on its own line; the first that names this file has the loader's error.
    private static string Reason(Exception e) =>
        (
            e.Message.Split('\n')
                .FirstOrDefault(line => line.Contains(Library, StringComparison.Ordinal))
            ?? e.Message.Split('\n')[0]
        )
            .Trim()
            .TrimEnd('.');

    private static string Fix(Exception e) =>
        e.Message.Contains("GLIBCXX", StringComparison.Ordinal)
            ? "Rebuild: the build patches this library for systems with an older libstdc++"
            : "Use 64-bit Linux, Debian 12 or Ubuntu 22.04 or newer, and rebuild";
}

/// <summary>glibc's malloc settings for libtorch.</summary>
[SupportedOSPlatform("linux")]
internal static partial class LibC
{
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int ArenaMax = -8;
    private const int HugePages = 14;
    private const nuint HugePage = 2 << 20;

    /// <summary>
    /// Gives every block from <see cref="LibtorchMemory.MappedFrom"/> a mapping of its own, so that large blocks of many sizes do not
    /// fragment the heap. Smaller ones are kept for the next step, in one arena for all threads.
    /// </summary>
    /// <remarks>Must be called before libtorch's first allocation; it reads the variable once.</remarks>
    public static void TuneMalloc()
    {
        _ = mallopt(MmapThreshold, LibtorchMemory.MappedFrom);
        _ = mallopt(TrimThreshold, int.MaxValue);
        _ = mallopt(ArenaMax, 1);
        // Huge pages. .NET's own SetEnvironmentVariable doesn't reach native code.
        _ = setenv("THP_MEM_ALLOC_ENABLE", "1", 0);
    }

    /// <summary>A new block, in huge pages.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses it.</exception>
    public static nint NewBlock(nuint size)
    {
        unsafe
        {
            var block = NativeMemory.AlignedAlloc(size, HugePage);
            _ = madvise(block, size, HugePages);
            return (nint)block;
        }
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc")]
    private static unsafe partial int madvise(void* address, nuint length, int advice);
}
