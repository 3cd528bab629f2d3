namespace KneeSeg.Imaging.Formats;

/// <summary>
/// A path that may end in a selection of one of several volumes, such as <c>knee/qdess#echo=2</c>. A file or folder
/// whose own name has the <c>#</c> comes first.
/// </summary>
/// <param name="Place">The file or folder.</param>
/// <param name="Choice">What follows the <c>#</c>; empty for none.</param>
public readonly record struct VolumePath(string Place, string Choice)
{
    /// <summary>Whether there is such a file or folder.</summary>
    public bool Exists => IsFileOrFolder(Place);

    /// <inheritdoc />
    public override string ToString() => Choice.Length == 0 ? Place : $"{Place}#{Choice}";

    /// <summary>Parses a path.</summary>
    public static VolumePath Of(string path)
    {
        var at = path.LastIndexOf('#');
        return
            at > 0
            && at > path.LastIndexOf(Path.DirectorySeparatorChar)
            && !IsFileOrFolder(path)
            && IsFileOrFolder(path[..at])
            ? new(path[..at], path[(at + 1)..])
            : new(path, "");
    }

    private static bool IsFileOrFolder(string path) => File.Exists(path) || Directory.Exists(path);
}

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
