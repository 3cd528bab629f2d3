namespace KneeSeg.Imaging;

/// <summary>Volumes on disk, whatever their format; it is told by the file's name.</summary>
public static class VolumeFile
{
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

    private static StoredVolume Open(string path, ModelSpacing? spacing)
    {
        bool Ends(params ReadOnlySpan<string> endings)
        {
            foreach (var ending in endings)
                if (path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                    return true;
            return false;
        }
        if (Ends(".nii", ".nii.gz"))
            return NiftiReader.Open(path);
        throw new ProblemException(
            ExitCode.Data,
            path,
            "its name is of no format that is read",
            "Give a .nii, .nii.gz, .im or .seg file"
        );
    }
}
