namespace KneeSeg.Imaging.Formats;

/// <summary>The two files of a NIfTI pair: <c>.hdr</c> has the header, <c>.img</c> the voxels; either may be gzipped.</summary>
internal static class NiftiPair
{
    /// <summary>The header file of a pair; any other file is returned as is.</summary>
    /// <exception cref="ProblemException">The other of the pair is missing (exit 3).</exception>
    public static string HeaderOf(string path) =>
        Stem(path, ".img") is { } stem ? Existing(path, stem, ".hdr") : path;

    /// <summary>The file with the voxels.</summary>
    /// <param name="path">The file with the header.</param>
    /// <exception cref="ProblemException">It is missing, or can't be known from the header's name (exit 3).</exception>
    public static string VoxelsOf(string path) =>
        Stem(path, ".hdr") is { } stem
            ? Existing(path, stem, ".img")
            : throw new ProblemException(
                ExitCode.Data,
                path,
                "its header declares a file pair, but its name does not end in .hdr",
                "Name the pair .hdr and .img, or convert it to one .nii, for example with fslchfiletype NIFTI_GZ"
            );

    private static string? Stem(string path, string ending) =>
        path.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? path[..^ending.Length]
        : path.EndsWith(ending + ".gz", StringComparison.OrdinalIgnoreCase)
            ? path[..^(ending.Length + 3)]
        : null;

    private static string Existing(string path, string stem, string ending)
    {
        string[] names = [stem + ending, $"{stem}{ending}.gz", stem + ending.ToUpperInvariant()];
        return Array.Find(names, File.Exists)
            ?? throw new ProblemException(
                ExitCode.Data,
                path,
                $"it is part of a file pair, and {Path.GetFileName(names[0])} is missing",
                "Copy both files into one folder"
            );
    }
}
