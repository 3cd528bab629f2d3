namespace KneeSeg.Imaging.Formats;

/// <summary>One of several volumes in a file.</summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct VolumeChoice(int Index, int Count)
{
    /// <summary>Bytes of a volume that are passed over before the chosen one, where whole volumes follow each other.</summary>
    public long Before(long bytes) => Index * bytes;

    /// <summary>Bytes of volumes after it.</summary>
    public long After(long bytes) => (Count - 1 - Index) * bytes;

    /// <summary>A size with the voxels of all volumes.</summary>
    public Size3 All(Size3 one) => one with { X = checked(Count * one.X) };

    /// <summary>The one that a path names.</summary>
    /// <param name="path">Such as <c>FILE#volume=2</c>, counted from 1.</param>
    /// <param name="count">How many volumes the file has.</param>
    /// <exception cref="ProblemException">It has several and the path names none, or one that it does not have (exit 3).</exception>
    public static VolumeChoice Of(string path, int count)
    {
        var (place, choice) = VolumePath.Of(path);
        var example = $"{place}#volume=1";
        if (choice is "")
            return count == 1
                ? new(0, 1)
                : throw new ProblemException(
                    ExitCode.Data,
                    path,
                    $"it has 4 dimensions: {count} volumes",
                    $"Choose one, such as {example}, or make them the channels of a dataset"
                );
        return
            choice.Split('=', StringSplitOptions.TrimEntries) is ["volume", var text]
            && int.TryParse(text, out var number)
            && number >= 1
            && number <= count
            ? new(number - 1, count)
            : throw new ProblemException(
                ExitCode.Data,
                path,
                $"\"{choice}\" is none of its {count} volumes",
                $"Count from 1: {example}{(count > 1 ? $" to #volume={count}" : "")}"
            );
    }
}
