using KneeSeg.Imaging.Files;

namespace KneeSeg.Inference.Files;

/// <summary>The format of predicted volumes.</summary>
public enum OutputFormat
{
    /// <summary>NIfTI, gzipped: <c>.nii.gz</c>.</summary>
    Nifti,

    /// <summary>MetaImage in one file: <c>.mha</c>.</summary>
    MetaImage,

    /// <summary>An array without a grid: <c>.npy</c>.</summary>
    Numpy,

    /// <summary>The image's own format, or NIfTI if it can't be written (DICOM, IWOAI).</summary>
    Same,
}

/// <summary>File extensions of formats.</summary>
internal static class OutputFormats
{
    /// <summary>The extension of an image's prediction.</summary>
    public static string EndingFor(this OutputFormat format, string image) =>
        (format, VolumeFile.FormatOf(image)) switch
        {
            (OutputFormat.MetaImage, _) or (OutputFormat.Same, ".mha" or ".mhd") => ".mha",
            (OutputFormat.Numpy, _) or (OutputFormat.Same, ".npy") => ".npy",
            (OutputFormat.Same, ".nii") => ".nii",
            _ => ".nii.gz",
        };
}
