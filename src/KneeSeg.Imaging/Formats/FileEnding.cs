namespace KneeSeg.Imaging.Formats;

/// <summary>The endings of file names that identify a format.</summary>
internal static class FileEnding
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

    /// <summary>A name's ending, such as <c>.nii.gz</c>; null if it identifies no format.</summary>
    public static string? Of(string path) =>
        Array.Find(Endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
