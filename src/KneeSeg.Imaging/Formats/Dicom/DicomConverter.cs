using System.ComponentModel;
using System.Diagnostics;

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
        DirectoryInfo? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("kneeseg-dicom-");
            var (from, into) = (
                folder.CreateSubdirectory("in").FullName,
                folder.CreateSubdirectory("out").FullName
            );
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
        catch (ProblemException e)
            when (folder is not null
                && e.Where.StartsWith(folder.FullName, StringComparison.Ordinal)
            )
        {
            throw new ProblemException(e.Exit, path, e.What, e.Fix, e);
        }
        catch (Exception e) when (Unwritable.Says(e))
        {
            throw new ProblemException(
                ExitCode.Resources,
                path,
                "its conversion finds no place for temporary files",
                "Make space there, or set TMPDIR to another folder",
                e
            );
        }
        finally
        {
            folder?.Delete(recursive: true);
        }
    }

    private static int Run(string path, string from, string into)
    {
        // Neither turn nor crop 3D acquisitions, and one volume whatever else differs from slice to slice.
        string[] words =
        [
            "-x",
            "i",
            "-m",
            "y",
            "-z",
            "n",
            "-b",
            "n",
            "-f",
            "volume",
            "-o",
            into,
            from,
        ];
        ProcessStartInfo start = new(Program, words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            void Stop(object? sender, EventArgs e) => process.Kill();
            AppDomain.CurrentDomain.ProcessExit += Stop;
            try
            {
                // Read, so that a full pipe does not stop it, and left alone: it speaks of seconds and of our folders.
                _ = process.StandardOutput.ReadToEndAsync();
                _ = process.StandardError.ReadToEndAsync();
                process.WaitForExit();
                return process.ExitCode;
            }
            finally
            {
                AppDomain.CurrentDomain.ProcessExit -= Stop;
            }
        }
        catch (Win32Exception e)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"it is a folder of DICOM slices, which are read through {Program}, and that is not installed",
                $"Install it, for instance by \"apt install {Program}\", or convert the series to NIfTI elsewhere",
                e
            );
        }
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
            "Convert it by hand and give the .nii"
        );
    }
}
