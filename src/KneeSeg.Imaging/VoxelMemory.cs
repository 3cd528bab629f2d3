namespace KneeSeg.Imaging;

/// <summary>Allocates arrays for voxels, with an error instead of a crash for corrupt headers and small machines.</summary>
internal static class VoxelMemory
{
    /// <summary>More than ten times the largest knee scans.</summary>
    public const long MaxVoxels = 1L << 28;

    /// <summary>Refuses implausible sizes.</summary>
    /// <exception cref="ProblemException">More than <see cref="MaxVoxels" /> (exit 3).</exception>
    public static void CheckCount(string path, ReadOnlySpan<long> sizes)
    {
        // In double, since the product may overflow any integer.
        var count = 1.0;
        foreach (var size in sizes)
            count *= size;
        if (count > MaxVoxels)
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"its header declares {string.Join('×', sizes.ToArray())} voxels, more than the limit of {MaxVoxels:N0}",
                "Check the file's origin, or crop or downsample it"
            );
    }

    /// <summary>An array whose content is undefined.</summary>
    /// <exception cref="ProblemException">The machine has less memory (exit 6).</exception>
    public static T[] Allocate<T>(string path, long count)
        where T : unmanaged
    {
        long bytes;
        unsafe
        {
            bytes = count * sizeof(T);
        }
        if (count > Array.MaxLength || bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
            throw TooLarge(path, bytes, null);
        try
        {
            return GC.AllocateUninitializedArray<T>((int)count);
        }
        catch (OutOfMemoryException e)
        {
            throw TooLarge(path, bytes, e);
        }
    }

    private static ProblemException TooLarge(string path, long bytes, Exception? cause) =>
        new(
            ExitCode.Resources,
            path,
            $"its voxels need {bytes >> 20} MiB, more than is available",
            "Use a machine with more memory, or crop or downsample the volume",
            cause
        );
}
