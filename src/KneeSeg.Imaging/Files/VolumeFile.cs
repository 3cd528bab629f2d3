using KneeSeg.Imaging.Formats;
using KneeSeg.Imaging.Formats.Dicom;

namespace KneeSeg.Imaging.Files;

/// <summary>Volumes on disk in any format, detected by extension.</summary>
public static class VolumeFile
{
    /// <summary>The extension of DICOM segmentations.</summary>
    public const string SegmentationEnding = ".dcm";

    /// <summary>Reads an image. Non-finite values are kept.</summary>
    /// <param name="path">
    /// A file of a known extension, or the folder of a DICOM series; <c>#</c> selects one of several volumes in it, as in
    /// <c>knee/qdess#echo=2</c> or <c>knee.nii.gz#volume=2</c>.
    /// </param>
    /// <param name="spacing">For formats that store none (<c>.im</c>, <c>.npy</c>); the default for IWOAI's 160×384×384 is that of the OAI scans.</param>
    /// <param name="warn">Receives warnings, one sentence each.</param>
    /// <exception cref="ProblemException">The file is missing, damaged or invalid (exit 3).</exception>
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
    /// <param name="path">A file of a known extension.</param>
    /// <param name="spacing">For formats that store none (<c>.seg</c>, <c>.npy</c>).</param>
    /// <param name="warn">Receives warnings, one sentence each.</param>
    /// <param name="overlaps">How overlapping channels are resolved.</param>
    /// <param name="names">The names by label, by which named segments are mapped to labels.</param>
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

    /// <summary>The grid of a file, without reading its voxels.</summary>
    /// <param name="path">Any file that <see cref="ReadImage" /> reads.</param>
    /// <param name="spacing">For formats that store none.</param>
    /// <exception cref="ProblemException">The file is missing, or its header is invalid (exit 3).</exception>
    public static Grid ReadGrid(string path, ModelSpacing? spacing = null)
    {
        using var stored = OpenPlaced(path, spacing);
        return stored.Grid;
    }

    /// <summary>The extension that identifies a file's format, such as <c>.nii.gz</c>; null if unknown.</summary>
    public static string? FormatOf(string path) => FileEnding.Of(VolumePath.Of(path).Place);

    /// <summary>How many volumes a file holds, along a fourth axis or as values of each voxel.</summary>
    /// <exception cref="ProblemException">Its header can't be read (exit 3).</exception>
    public static int CountVolumes(string path)
    {
        if (FileEnding.Of(path) is not { } ending || !MayHoldSeveral(ending))
            return 1;
        using var first = Open($"{path}#volume=1", spacing: null);
        return first.Volume.Count;
    }

    /// <summary>Describes a volume, for the command <c>info</c>.</summary>
    /// <param name="path">Any file that <see cref="ReadImage" /> or <see cref="ReadLabels" /> reads.</param>
    /// <param name="labels">Whether to read it as labels and list the distinct ones.</param>
    /// <param name="spacing">For formats that store none.</param>
    /// <exception cref="ProblemException">The file can't be read (exit 3).</exception>
    public static VolumeInfo Inspect(string path, bool labels = false, ModelSpacing? spacing = null)
    {
        using var stored = Open(path, spacing);
        return labels
            ? VolumeInfo.Of(stored, stored.ReadLabels())
            : VolumeInfo.Of(stored, stored.ReadImage());
    }

    /// <summary>Writes an image or labels in the format of the extension.</summary>
    /// <param name="path">A name ending in <c>.nii</c>, <c>.nii.gz</c>, <c>.mha</c> or <c>.npy</c>.</param>
    /// <param name="volume">Voxels of <see cref="byte"/>, <see cref="short"/> or <see cref="float"/>.</param>
    /// <exception cref="ProblemException">Another extension (exit 2), or the file can't be written (exit 6).</exception>
    public static void Write<T>(string path, Volume<T> volume)
        where T : unmanaged
    {
        switch (FileEnding.Of(path))
        {
            case ".nii" or ".nii.gz":
                NiftiWriter.Write(path, volume);
                break;
            case ".mha":
                MetaImageFile.Write(path, volume);
                break;
            case ".npy":
                NumpyFile.Write(path, volume);
                break;
            default:
                throw new ProblemException(
                    ExitCode.Usage,
                    path,
                    "its extension is not a format that can be written",
                    "Use .nii.gz, .nii, .mha or .npy"
                );
        }
    }

    /// <summary>A volume as a gzipped NIfTI file in memory.</summary>
    /// <param name="volume">Voxels of <see cref="byte"/>, <see cref="short"/> or <see cref="float"/>.</param>
    /// <param name="isLabels">Whether they are labels, which viewers color, and not an image.</param>
    public static byte[] Pack<T>(Volume<T> volume, bool isLabels)
        where T : unmanaged => NiftiWriter.Pack(volume, isLabels);

    /// <summary>Whether a file of this name may hold an image; a pair's header stands for both.</summary>
    public static bool MayHoldImage(string path) =>
        FileEnding.Of(path)
            is { } ending
                and not (".seg" or ".seg.nrrd" or ".seg.nhdr" or ".img" or ".img.gz");

    /// <summary>Whether a file of this name may hold labels; a pair's header stands for both.</summary>
    public static bool MayHoldLabels(string path) =>
        path.EndsWith(SegmentationEnding, StringComparison.OrdinalIgnoreCase)
        || FileEnding.Of(path) is { } ending and not (".im" or ".img" or ".img.gz");

    /// <summary>Whether a path names a volume in a folder: the slices of a DICOM series.</summary>
    public static bool IsFolder(string path) =>
        VolumePath.Of(path).Place is var target
        && Directory.Exists(target)
        && DicomFolder.IsIn(target);

    /// <summary>Whether the file or folder of a path exists; the path may end in a selection.</summary>
    public static bool Exists(string path) => VolumePath.Of(path).Exists;

    /// <summary>The error for a folder that holds folders of DICOM series; null for any other path.</summary>
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

    private static bool MayHoldSeveral(string ending) =>
        ending is not (".im" or ".seg" or ".seg.nrrd" or ".seg.nhdr");

    private static StoredVolume Open(string path, ModelSpacing? spacing)
    {
        var (target, choice) = VolumePath.Of(path);
        if (Directory.Exists(target))
            return DicomVolume.Open(new(target, choice));
        var ending = FileEnding.Of(target);
        if (choice is not "" && ending is not null && !MayHoldSeveral(ending))
            throw new ProblemException(
                ExitCode.Data,
                path,
                "files of this format hold one volume",
                $"Pass {target}"
            );
        return ending switch
        {
            ".im" or ".seg" => IwoaiReader.Open(path, spacing),
            ".mha" or ".mhd" => MetaImageFile.Open(path),
            ".nrrd" or ".nhdr" or ".seg.nrrd" or ".seg.nhdr" => NrrdReader.Open(path),
            ".npy" => NumpyFile.Open(path, spacing),
            not null => NiftiReader.Open(path),
            null when !File.Exists(target) => throw new ProblemException(
                ExitCode.Data,
                path,
                "no such file or folder",
                "Check the path"
            ),
            null when DicomStart.IsIn(target) => DicomFile.Read(target)
                is { IsSegmentation: true } segmentation
                ? DicomSegmentedVolume.Open(segmentation)
                : DicomVolume.Open(new(target, choice)),
            null => throw new ProblemException(
                ExitCode.Data,
                path,
                "its extension is not a supported format, and it is not a DICOM file",
                "Pass a .nii, .nii.gz, .hdr with .img, .mha, .mhd, .nrrd, .nhdr, .seg.nrrd, .npy, .im or .seg file, or the folder of a DICOM series"
            ),
        };
    }
}
