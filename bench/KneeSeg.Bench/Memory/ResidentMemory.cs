using System.Globalization;

namespace KneeSeg.Bench.Memory;

/// <summary>Bytes of this process that are in memory, as Linux counts touched pages.</summary>
internal static class ResidentMemory
{
    /// <summary>Now.</summary>
    public static long Now => Bytes("VmRSS:");

    /// <summary>At the most since the start, or since <see cref="ResetPeak"/>.</summary>
    public static long Peak => Bytes("VmHWM:");

    /// <summary>Lets the peak begin again from what is there now.</summary>
    public static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Bytes(string field)
    {
        var line = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith(field, StringComparison.Ordinal));
        var kibibytes = line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
    }
}
