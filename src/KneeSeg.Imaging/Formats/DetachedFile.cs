namespace KneeSeg.Imaging;

/// <summary>The file of voxels that a header names. A header may come from anywhere, so only what is beside it is read.</summary>
internal static class DetachedFile
{
    /// <summary>Opens it.</summary>
    /// <param name="header">The header's path.</param>
    /// <param name="name">As the header has it.</param>
    /// <exception cref="ProblemException">It is a list of files, outside the header's folder, or missing (exit 3).</exception>
    public static FileStream Open(string header, string name)
    {
        if (
            name is "LIST"
            || name.StartsWith("LIST ", StringComparison.Ordinal)
            || name.Contains('%')
        )
            throw new ProblemException(
                ExitCode.Data,
                header,
                "its voxels are in a list of files, one a slice",
                "Join them into one file, for instance by SimpleITK or 3D Slicer"
            );
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
            throw new ProblemException(
                ExitCode.Data,
                header,
                $"its voxels are said to be in \"{name}\", outside its folder",
                "Put the file of voxels beside the header and name it there"
            );
        var path = Path.Combine(Path.GetDirectoryName(header) ?? "", name.Replace('\\', '/'));
        return File.Exists(path)
            ? InputFile.Open(path)
            : throw new ProblemException(
                ExitCode.Data,
                header,
                $"its voxels are said to be in \"{name}\", and there is no such file beside it",
                "Copy both files into one folder"
            );
    }
}
