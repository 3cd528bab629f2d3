using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// Loads libtorch, with memory and threads set as it runs fastest. To be called before the first tensor is made;
/// whatever makes one through this room does.
/// </summary>
public static class NativeStart
{
    private static readonly string Library =
        OperatingSystem.IsWindows() ? "LibTorchSharp.dll"
        : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib"
        : "libLibTorchSharp.so";

    private static readonly Lock Once = new();
    private static bool started;

    /// <summary>Does it once; later calls return at once.</summary>
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
            set_num_threads(Threads);
            started = true;
        }
    }

    // The variable that OpenMP has for it, which lets several trainings share a machine.
    private static int Threads =>
        int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads)
        && threads > 0
            ? threads
            : Processor.Cores;

    /// <summary>Loads TorchSharp's library by its full path, for the loader's own words when it can't.</summary>
    internal static void Load(string path)
    {
        if (!File.Exists(path))
            throw Unusable(path, "is missing", "Build again: the build puts it there", null);
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

    // .NET tells everything it tried, a line each; the loader's complaint about this file is the first that names it.
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
            ? "Build again: the build corrects this library for systems whose libstdc++ is older"
            : "Use 64-bit Linux of Debian 12's or Ubuntu 22.04's age or younger, and build again";
}
