namespace KneeSeg.Imaging.Formats;

/// <summary>The voxel file that a header names. Headers are not trusted, so only files in the header's folder are read.</summary>
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
                "its voxels are in a list of files, one per slice",
                "Join them into one file, for example with SimpleITK or 3D Slicer"
            );
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
            throw new ProblemException(
                ExitCode.Data,
                header,
                $"its data file \"{name}\" is outside its folder",
                "Move the data file into the header's folder and update the header"
            );
        var path = Path.Combine(Path.GetDirectoryName(header) ?? "", name.Replace('\\', '/'));
        return File.Exists(path)
            ? InputFile.Open(path)
            : throw new ProblemException(
                ExitCode.Data,
                header,
                $"its data file \"{name}\" is missing",
                "Copy both files into one folder"
            );
    }
}
