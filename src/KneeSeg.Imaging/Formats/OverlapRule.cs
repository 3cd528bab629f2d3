namespace KneeSeg.Imaging.Formats;

/// <summary>How voxels with several labels are resolved.</summary>
public enum OverlapRule
{
    /// <summary>Takes the lowest channel's label, with a warning.</summary>
    Lowest,

    /// <summary>Refuses the file.</summary>
    Refused,
}

/// <summary>Voxels that several channels claim.</summary>
internal static class OverlappingChannels
{
    /// <summary>Warns of them, or refuses the file.</summary>
    /// <param name="path">Named in the error.</param>
    /// <param name="voxels">How many there are.</param>
    /// <param name="overlaps">How they are resolved.</param>
    /// <param name="channel">The format's word for a channel.</param>
    /// <param name="warnings">Receives the warning.</param>
    /// <exception cref="ProblemException">There are some, and that is refused (exit 3).</exception>
    public static void Report(
        string path,
        long voxels,
        OverlapRule overlaps,
        string channel,
        List<string> warnings
    )
    {
        if (voxels > 0 && overlaps == OverlapRule.Refused)
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"{voxels:N0} voxels have several labels",
                $"Correct the {channel}s, or take the lowest with --set overlaps=lowest"
            );
        if (voxels > 0)
            warnings.Add($"{voxels:N0} voxels have several labels; using the first {channel}");
    }
}
