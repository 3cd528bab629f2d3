using static System.FormattableString;

namespace KneeSeg;

/// <summary>Human-readable sizes.</summary>
public static class ByteSize
{
    /// <summary>In MB, or in GB from 1 GB.</summary>
    public static string Of(long bytes) =>
        bytes < 1e9 ? Invariant($"{bytes / 1e6:0} MB") : Invariant($"{bytes / 1e9:0.0} GB");
}
