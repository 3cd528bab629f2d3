namespace KneeSeg.Imaging.Formats.Dicom;

/// <summary>Runs <c>dcm2niix</c> on the given files only, through a temporary folder.</summary>
internal static class DicomConverter
{
    /// <summary>Converts the files of one volume and reads the result.</summary>
    /// <param name="path">The user's path, named in errors.</param>
    /// <param name="files">The files.</param>
    /// <param name="warnings">Receives warnings about the result.</param>
    /// <exception cref="ProblemException">dcm2niix is missing or does not make one volume (exit 3); the disk is full (exit 6).</exception>
    public static Volume<float> Read(
        string path,
        IReadOnlyList<DicomFile> files,
        List<string> warnings
    )
    {
        using var folder = Temporary.Folder();
        try
        {
            var from = Directory.CreateDirectory(Path.Combine(folder.Path, "in")).FullName;
            var into = Directory.CreateDirectory(Path.Combine(folder.Path, "out")).FullName;
            for (var i = 0; i < files.Count; i++)
                File.CreateSymbolicLink(
                    Path.Combine(from, $"{i}.dcm"),
                    Path.GetFullPath(files[i].Path)
                );
            var code = Run(path, from, into);
            var made = Directory.GetFiles(into, "*.nii");
            if (code != 0 || made is not [var file])
                throw Failed(path, files, code, made.Length);
            using var converted = NiftiReader.Open(file);
            var volume = converted.ReadImage();
            warnings.AddRange(converted.Warnings);
            return volume;
        }
        // An error in the temporary file is reported for the user's path.
        catch (ProblemException e) when (e.Where.StartsWith(folder.Path, StringComparison.Ordinal))
        {
            throw new ProblemException(e.Exit, path, e.What, e.Fix, e);
        }
        catch (Exception e) when (WriteError.Matches(e))
        {
            throw new ProblemException(
                ExitCode.Resources,
                path,
                "can't be converted: no space for temporary files",
                "Free some disk space, or set TMPDIR to another folder",
                e
            );
        }
    }

    private static int Run(string path, string from, string into)
    {
        // No rotation, no cropping, and one volume even if slices differ.
        const string options = "-x i -m y -z n -b n -f volume -o";
        using var process =
            ChildProcess.Start(DicomSyntax.Converter, [.. options.Split(' '), into, from])
            ?? throw new ProblemException(
                ExitCode.Data,
                path,
                $"reading DICOM requires {DicomSyntax.Converter}, which is not installed",
                $"Install it, for example with \"apt install {DicomSyntax.Converter}\", or convert the series to NIfTI elsewhere"
            );
        // Drained, so that a full pipe does not block it, and ignored: it names temporary folders.
        _ = process.Output.ReadToEndAsync();
        _ = process.Errors.ReadToEndAsync();
        return process.WaitForExit();
    }

    private static ProblemException Failed(
        string path,
        IReadOnlyList<DicomFile> files,
        int code,
        int made
    )
    {
        if (files.FirstOrDefault(file => file.Compression is not null) is { } packed && made == 0)
            return packed.Bad(
                $"its pixels are compressed by {packed.Compression}, which the installed {DicomSyntax.Converter} can't read",
                DicomSyntax.Unpack
            );
        return new(
            ExitCode.Data,
            path,
            made == 0
                ? $"{DicomSyntax.Converter} can't convert it (exit code {code})"
                : $"{DicomSyntax.Converter} converts it to {made} volumes instead of one (exit code {code})",
            made == 0
                ? "Convert it with another program, such as 3D Slicer, and pass the .nii.gz"
                : "Convert it by hand and pass one of the .nii files"
        );
    }
}
