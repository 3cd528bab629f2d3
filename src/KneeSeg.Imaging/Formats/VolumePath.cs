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
