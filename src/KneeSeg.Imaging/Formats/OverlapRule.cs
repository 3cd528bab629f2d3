namespace KneeSeg.Imaging;

/// <summary>What is done where several channels of a file claim a voxel, which has one label.</summary>
public enum OverlapRule
{
    /// <summary>The lowest channel's label is taken, with a warning.</summary>
    Lowest,

    /// <summary>The file is refused.</summary>
    Refused,
}

/// <summary>Voxels that several channels claim.</summary>
internal static class Overlap
{
    /// <summary>Warns of them, or refuses the file.</summary>
    /// <param name="path">Named in the error.</param>
    /// <param name="voxels">How many there are.</param>
    /// <param name="overlaps">What is done.</param>
    /// <param name="channel">What the format calls a channel.</param>
    /// <param name="warnings">Receives the warning.</param>
    /// <exception cref="ProblemException">There are some, and that is refused (exit 3).</exception>
    public static void Judge(
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
                $"Correct the {channel}s, or take the lowest by --set overlaps=lowest"
            );
        if (voxels > 0)
            warnings.Add($"{voxels:N0} voxels have several labels; the first {channel} is taken");
    }
}
