namespace KneeSeg.Imaging;

/// <summary>What label values mean in memory, whatever the profile and whatever values files have.</summary>
public static class LabelValue
{
    /// <summary>
    /// Not annotated: the voxel takes part in no loss and in no measure. Files have a value of their own for it, and no
    /// profile has a label of this number.
    /// </summary>
    public const byte Ignored = 255;

    /// <summary>Marks the voxels that have a file's ignore value as <see cref="Ignored"/>.</summary>
    /// <param name="labels">As the file has them.</param>
    /// <param name="ignore">The file's value; null where every voxel is annotated.</param>
    public static void MarkIgnored(Span<byte> labels, byte? ignore)
    {
        if (ignore is { } value)
            labels.Replace(value, Ignored);
    }

    /// <summary>A copy with all structures as label 1; background and ignored voxels stay what they are.</summary>
    public static byte[] Binarized(ReadOnlySpan<byte> labels) =>
        Array.ConvertAll(labels.ToArray(), label => label is 0 or Ignored ? label : (byte)1);

    /// <summary>A copy with ignored voxels as background, for what draws or measures labels.</summary>
    public static byte[] Annotated(ReadOnlySpan<byte> labels)
    {
        var annotated = labels.ToArray();
        annotated.AsSpan().Replace(Ignored, (byte)0);
        return annotated;
    }
}
