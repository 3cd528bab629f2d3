namespace KneeSeg.Imaging;

/// <summary>Runs <c>dcm2niix</c> on chosen files in a folder of its own, so that it sees nothing else.</summary>
internal static class DicomConverter
{
    /// <summary>The program.</summary>
    public const string Program = "dcm2niix";

    /// <summary>Converts files of one volume and reads the result, whose file is gone afterwards.</summary>
    /// <param name="path">What the user gave, named in problems.</param>
    /// <param name="files">The files.</param>
    /// <param name="warnings">Receives what is doubtful about the result.</param>
    /// <exception cref="ProblemException">dcm2niix is missing or does not make one volume (exit 3); there is no room for it (exit 6).</exception>
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
        // What is wrong with the converted file is wrong with the series; nobody ever sees that file.
        catch (ProblemException e) when (e.Where.StartsWith(folder.Path, StringComparison.Ordinal))
        {
            throw new ProblemException(e.Exit, path, e.What, e.Fix, e);
        }
        catch (Exception e) when (WriteError.Says(e))
        {
            throw new ProblemException(
                ExitCode.Resources,
                path,
                "its conversion finds no place for temporary files",
                "Make space there, or set TMPDIR to another folder",
                e
            );
        }
    }

    private static int Run(string path, string from, string into)
    {
        // Neither turn nor crop 3D acquisitions, and one volume whatever else differs from slice to slice.
        const string words = "-x i -m y -z n -b n -f volume -o";
        using var process =
            ChildProcess.Start(Program, [.. words.Split(' '), into, from])
            ?? throw new ProblemException(
                ExitCode.Data,
                path,
                $"it is a folder of DICOM slices, which are read through {Program}, and that is not installed",
                $"Install it, for instance by \"apt install {Program}\", or convert the series to NIfTI elsewhere"
            );
        // Read, so that a full pipe does not stop it, and left alone: it speaks of seconds and of our folders.
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
                $"its pixels are compressed by {packed.Compression}, which the {Program} that is installed does not read",
                DicomSyntax.Unpack
            );
        return new(
            ExitCode.Data,
            path,
            made == 0
                ? $"{Program} can't convert it (it ended with {code})"
                : $"{Program} makes {made} volumes of it, not one (it ended with {code})",
            made == 0
                ? "Convert it with another program, such as 3D Slicer, and give the .nii.gz"
                : "Convert it by hand and give one of the .nii"
        );
    }
}
