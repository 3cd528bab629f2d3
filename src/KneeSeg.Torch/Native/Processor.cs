using System.Globalization;

namespace KneeSeg.Torch.Native;

/// <summary>CPU and memory of this machine, as reported by Linux; elsewhere, what .NET reports, without bfloat16.</summary>
public static class Processor
{
    private static readonly Lazy<bool> Bfloat16 = new(() =>
        MultipliesBfloat16(Lines("/proc/cpuinfo"))
    );

    /// <summary>Whether it multiplies bfloat16 at twice the speed of float32 or more (AMX, or AMD's AVX-512 BF16).</summary>
    public static bool HasBfloat16 => Bfloat16.Value;

    /// <summary>
    /// The same of a processor by its lines of /proc/cpuinfo. Intel's AVX-512 BF16 has one unit where float32 has two, and gains
    /// nothing.
    /// </summary>
    internal static bool MultipliesBfloat16(IReadOnlyCollection<string> lines)
    {
        var flags = Value("flags").Split(' ');
        return flags.Contains("amx_bf16")
            || (flags.Contains("avx512_bf16") && Value("vendor_id") == "AuthenticAMD");

        string Value(string name) =>
            lines
                .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
                ?.Split(':')[^1]
                .Trim()
            ?? "";
    }

    /// <summary>Physical cores available to this process.</summary>
    public static int Cores
    {
        get
        {
            var siblings = Enumerable
                .Range(0, 1024)
                .Select(i => $"/sys/devices/system/cpu/cpu{i}/topology/thread_siblings_list")
                .TakeWhile(File.Exists)
                .SelectMany(Lines)
                .Distinct()
                .Count();
            return siblings == 0
                ? Environment.ProcessorCount
                : Math.Min(siblings, Environment.ProcessorCount);
        }
    }

    /// <summary>Available memory in bytes, within the process's own limit.</summary>
    public static long FreeMemory
    {
        get
        {
            var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            var line = Lines("/proc/meminfo")
                .FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
            return
                line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..]
                && long.TryParse(kibibytes, CultureInfo.InvariantCulture, out var available)
                ? Math.Min(1024 * available, limit)
                : limit;
        }
    }

    /// <summary>
    /// Bytes of this process in memory that the system cannot take back: without mapped files, such as libraries and cached cases.
    /// </summary>
    public static long ResidentMemory
    {
        get
        {
            var line = Lines("/proc/self/status")
                .FirstOrDefault(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            return
                line?.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
                    is [_, var kibibytes, ..]
                && long.TryParse(kibibytes, CultureInfo.InvariantCulture, out var resident)
                ? 1024 * resident
                : Environment.WorkingSet;
        }
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
