namespace KneeSeg.Imaging;

/// <summary>Volumes on disk, whatever their format; it is told by the file's name.</summary>
public static class VolumeFile
{
    private static readonly string[] Endings = [".nii.gz", ".nii", ".im", ".seg"];

    /// <summary>Reads an image. Values that are not finite are kept.</summary>
    /// <param name="path">A <c>.nii</c>, <c>.nii.gz</c> or <c>.im</c> file.</param>
    /// <param name="spacing">For formats that know none (<c>.im</c>); without it the OAI scans' own is taken for 160×384×384.</param>
    /// <param name="warn">Receives every doubt, a sentence each.</param>
    /// <exception cref="ProblemException">The file is missing, damaged or says nonsense (exit 3).</exception>
    public static Volume<float> ReadImage(
        string path,
        ModelSpacing? spacing = null,
        Action<string>? warn = null
    )
    {
        using var stored = Open(path, spacing);
        var volume = stored.ReadImage();
        stored.Warnings.ForEach(warn ?? (_ => { }));
        return volume;
    }

    /// <summary>Reads labels: whole numbers from 0 to 255, exactly.</summary>
    /// <param name="path">A <c>.nii</c>, <c>.nii.gz</c> or <c>.seg</c> file.</param>
    /// <param name="spacing">For formats that know none (<c>.seg</c>).</param>
    /// <param name="warn">Receives every doubt, a sentence each.</param>
    /// <exception cref="ProblemException">The file is missing, damaged or holds other values than labels (exit 3).</exception>
    public static Volume<byte> ReadLabels(
        string path,
        ModelSpacing? spacing = null,
        Action<string>? warn = null
    )
    {
        using var stored = Open(path, spacing);
        var volume = stored.ReadLabels();
        stored.Warnings.ForEach(warn ?? (_ => { }));
        return volume;
    }

    /// <summary>What a volume is, as the command <c>info</c> says it.</summary>
    /// <param name="path">Any file that <see cref="ReadImage" /> or <see cref="ReadLabels" /> reads.</param>
    /// <param name="labels">Whether to read it as labels and list the distinct ones.</param>
    /// <param name="spacing">For formats that know none.</param>
    /// <exception cref="ProblemException">The file can't be read (exit 3).</exception>
    public static VolumeInfo Inspect(string path, bool labels = false, ModelSpacing? spacing = null)
    {
        using var stored = Open(path, spacing);
        return labels
            ? VolumeInfo.Of(stored, stored.ReadLabels())
            : VolumeInfo.Of(stored, stored.ReadImage());
    }

    /// <summary>A file's name without the ending of its format: what pairs images, labels and predictions.</summary>
    public static string IdOf(string path)
    {
        var name = Path.GetFileName(path);
        return EndingOf(name) is { } ending
            ? name[..^ending.Length]
            : Path.GetFileNameWithoutExtension(name);
    }

    /// <summary>Whether the name says that a file may hold labels.</summary>
    public static bool MayHoldLabels(string path) =>
        EndingOf(path) is ".nii" or ".nii.gz" or ".seg";

    private static string? EndingOf(string path) =>
        Array.Find(Endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static StoredVolume Open(string path, ModelSpacing? spacing) =>
        EndingOf(path) switch
        {
            ".nii" or ".nii.gz" => NiftiReader.Open(path),
            ".im" or ".seg" => IwoaiReader.Open(path, spacing),
            _ => throw new ProblemException(
                ExitCode.Data,
                path,
                "its name is of no format that is read",
                "Give a .nii, .nii.gz, .im or .seg file"
            ),
        };
}
