namespace KneeSeg.Imaging;

/// <summary>Volumes on disk, whatever their format; it is told by the file's name.</summary>
public static class VolumeFile
{
    // Longer ones first, since a name that ends in .seg.nrrd ends in .nrrd too.
    private static readonly string[] Endings =
    [
        ".seg.nrrd",
        ".seg.nhdr",
        ".nii.gz",
        ".hdr.gz",
        ".img.gz",
        ".nii",
        ".hdr",
        ".img",
        ".mha",
        ".mhd",
        ".nrrd",
        ".nhdr",
        ".npy",
        ".im",
        ".seg",
    ];

    /// <summary>Reads an image. Values that are not finite are kept.</summary>
    /// <param name="path">
    /// A file of a known ending, or the folder of a DICOM series; where that holds several volumes, one is chosen by what
    /// follows a <c>#</c>, as in <c>knee/qdess#echo=2</c>.
    /// </param>
    /// <param name="spacing">For formats that know none (<c>.im</c>, <c>.npy</c>); without it the OAI scans' own is taken for IWOAI's 160×384×384.</param>
    /// <param name="warn">Receives every doubt, a sentence each.</param>
    /// <exception cref="ProblemException">The file is missing, damaged or says nonsense (exit 3).</exception>
    public static Volume<float> ReadImage(
        string path,
        ModelSpacing? spacing = null,
        Action<string>? warn = null
    )
    {
        using var stored = OpenPlaced(path, spacing);
        var volume = stored.ReadImage();
        stored.Warnings.ForEach(warn ?? (_ => { }));
        return volume;
    }

    /// <summary>Reads labels: whole numbers from 0 to 255, exactly.</summary>
    /// <param name="path">A file of a known ending.</param>
    /// <param name="spacing">For formats that know none (<c>.seg</c>, <c>.npy</c>).</param>
    /// <param name="warn">Receives every doubt, a sentence each.</param>
    /// <param name="overlaps">What is done where channels of one file overlap.</param>
    /// <param name="names">The profile's names by label, which number the segments of a file that names them.</param>
    /// <exception cref="ProblemException">The file is missing, damaged or holds other values than labels (exit 3).</exception>
    public static Volume<byte> ReadLabels(
        string path,
        ModelSpacing? spacing = null,
        Action<string>? warn = null,
        OverlapRule overlaps = OverlapRule.Lowest,
        IReadOnlyList<string>? names = null
    )
    {
        using var stored = OpenPlaced(path, spacing);
        var volume = stored.ReadLabels(overlaps, names);
        stored.Warnings.ForEach(warn ?? (_ => { }));
        return volume;
    }

    /// <summary>Where the voxels of a file are, without reading them.</summary>
    /// <param name="path">Any file that <see cref="ReadImage" /> reads.</param>
    /// <param name="spacing">For formats that know none.</param>
    /// <exception cref="ProblemException">The file is missing, or its header says nonsense (exit 3).</exception>
    public static Grid ReadGrid(string path, ModelSpacing? spacing = null)
    {
        using var stored = OpenPlaced(path, spacing);
        return stored.Grid;
    }

    /// <summary>The ending of a file's name that says its format, such as <c>.nii.gz</c>; null for none that is known.</summary>
    public static string? FormatOf(string path) => EndingOf(path);

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

    /// <summary>Writes an image or labels in the format that the name's ending says.</summary>
    /// <param name="path">A name ending in <c>.nii</c>, <c>.nii.gz</c>, <c>.mha</c> or <c>.npy</c>.</param>
    /// <param name="volume">Voxels of <see cref="byte"/>, <see cref="short"/> or <see cref="float"/>.</param>
    /// <exception cref="ProblemException">The ending is another (exit 2), or the place can't be written (exit 6).</exception>
    public static void Write<T>(string path, Volume<T> volume)
        where T : unmanaged
    {
        switch (EndingOf(path))
        {
            case ".nii" or ".nii.gz":
                NiftiWriter.Write(path, volume);
                break;
            case ".mha":
                MetaImageWriter.Write(path, volume);
                break;
            case ".npy":
                NumpyFile.Write(path, volume);
                break;
            default:
                throw new ProblemException(
                    ExitCode.Usage,
                    path,
                    "its name is of no format that is written",
                    "End it in .nii.gz, .nii, .mha or .npy"
                );
        }
    }

    /// <summary>Whether the name says that a file may hold an image; a pair's header stands for both.</summary>
    public static bool MayHoldImage(string path) =>
        EndingOf(path)
            is { } ending
                and not (".seg" or ".seg.nrrd" or ".seg.nhdr" or ".img" or ".img.gz");

    /// <summary>Whether the name says that a file may hold labels; a pair's header stands for both.</summary>
    public static bool MayHoldLabels(string path) =>
        EndingOf(path) is { } ending and not (".im" or ".img" or ".img.gz");

    private static string? EndingOf(string path) =>
        Array.Find(Endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a path names a volume in a folder: the slices of a DICOM series.</summary>
    public static bool IsFolder(string path) =>
        VolumePath.Of(path).Place is var place
        && Directory.Exists(place)
        && DicomFolder.IsIn(place);

    /// <summary>Whether there is a file or folder of this path, which may end in a choice.</summary>
    public static bool Exists(string path) => VolumePath.Of(path).Exists;

    /// <summary>What to say of a folder that holds folders of DICOM series; null for any other path.</summary>
    public static ProblemException? StudyProblem(string path) =>
        Directory.Exists(path) ? DicomFolder.StudyProblem(path) : null;

    private static StoredVolume OpenPlaced(string path, ModelSpacing? spacing)
    {
        var stored = Open(path, spacing);
        try
        {
            stored.CheckSpacing();
            return stored;
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    private static StoredVolume Open(string path, ModelSpacing? spacing)
    {
        var (place, choice) = VolumePath.Of(path);
        if (Directory.Exists(place))
            return DicomVolume.Open(new(place, choice));
        return EndingOf(path) switch
        {
            ".im" or ".seg" => IwoaiReader.Open(path, spacing),
            ".mha" or ".mhd" => MetaImageReader.Open(path),
            ".nrrd" or ".nhdr" or ".seg.nrrd" or ".seg.nhdr" => NrrdReader.Open(path),
            ".npy" => NumpyFile.Open(path, spacing),
            not null => NiftiReader.Open(path),
            null when !File.Exists(place) => throw new ProblemException(
                ExitCode.Data,
                path,
                "there is no such file or folder",
                "Check the path"
            ),
            null when DicomStart.IsIn(place) => DicomVolume.Open(new(place, choice)),
            null => throw new ProblemException(
                ExitCode.Data,
                path,
                "its name is of no format that is read, and it is no DICOM file",
                "Give a .nii, .nii.gz, .hdr with .img, .mha, .mhd, .nrrd, .nhdr, .seg.nrrd, .npy, .im or .seg file, or the folder of a DICOM series"
            ),
        };
    }
}
