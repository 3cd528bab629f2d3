using System.Buffers.Binary;

namespace KneeSeg.Imaging.Formats;

/// <summary>Opens NIfTI-1 and NIfTI-2, single files and pairs, gzipped or not, of either byte order and any scalar type.</summary>
internal static class NiftiReader
{
    /// <summary>Opens a file and checks its header, extensions and length.</summary>
    /// <param name="path">The file, or either one of a pair; <c>FILE#volume=2</c> chooses one of several volumes.</param>
    /// <exception cref="ProblemException">It can't be read, or has several volumes and none is chosen (exit 3).</exception>
    public static StoredVolume Open(string path)
    {
        var headerPath = NiftiPair.HeaderOf(VolumePath.Of(path).Place);
        var file = InputFile.OpenUnzipped(headerPath);
        try
        {
            var header = ReadHeader(file);
            if (header.IsPair)
            {
                file.Stream.Dispose();
                file = InputFile.OpenUnzipped(NiftiPair.VoxelsOf(headerPath));
            }
            var (size, type) = (header.Grid.Size, header.Encoding.Type);
            var volume = VolumeChoice.Of(path, header.Volumes);
            RawVolume.CheckLength(
                file.Path,
                size with
                {
                    Z = size.Z * header.Volumes,
                },
                type,
                file.Zipped ? file.Length : file.Length - header.VoxelOffset,
                file.Zipped
            );
            SkipToVoxels(file, header);
            var bytes = size.Count * type.Bytes;
            file.Skip(volume.Before(bytes), () => RawVolume.Truncated(file.Path, size, type, null));
            if (file.ZipWarning is { } warning)
                header.Warnings.Add(warning);
            return new RawVolume(file.Stream, header.Encoding)
            {
                Path = path,
                Format = $"NIfTI-{header.Version}" + (header.IsPair ? " pair" : ""),
                Grid = header.Grid,
                DataType = type.Name,
                Warnings = header.Warnings,
                Volume = volume,
            };
        }
        catch
        {
            file.Stream.Dispose();
            throw;
        }
    }

    private static NiftiHeader ReadHeader(UnzippedFile file)
    {
        const int flags = NiftiFields.ExtensionFlags;
        var bytes = new byte[NiftiFields.Length2];
        var length = NiftiFields.Length1;
        file.ReadExactly(bytes.AsSpan(0, length - flags), Ended);
        if (NiftiFields.AreOfVersion2(bytes))
        {
            file.ReadExactly(bytes.AsSpan(length - flags)[..^flags], Ended);
            length = bytes.Length;
        }
        // The header of a pair may end without them.
        InputFile.ReadUpTo(file.Path, file.Stream, bytes.AsSpan(length - flags, flags));
        return NiftiHeader.Parse(file.Path, bytes.AsSpan(0, length));

        ProblemException Ended() =>
            new(
                ExitCode.Data,
                file.Path,
                "it ends inside its header",
                "Copy or download the file again; it is truncated or not NIfTI"
            );
    }

    private static void SkipToVoxels(UnzippedFile file, NiftiHeader header)
    {
        if (header.IsPair)
        {
            file.Skip(header.VoxelOffset, Ended);
            return;
        }
        var start = header.Version == 1 ? NiftiFields.Length1 : NiftiFields.Length2;
        var left = header.VoxelOffset - start;
        Span<byte> next = stackalloc byte[8];
        while (header.ExtensionBytes > 0 && left >= 16)
        {
            file.ReadExactly(next, Ended);
            var size = header.Encoding.BigEndian
                ? BinaryPrimitives.ReadInt32BigEndian(next)
                : BinaryPrimitives.ReadInt32LittleEndian(next);
            // Zeros are padding up to the voxels.
            var length = size == 0 ? left : size;
            if (size == 0)
                header.Warnings.Add("a header extension has size 0; skipping to the voxels");
            if (length < 8 || length > left)
                throw new ProblemException(
                    ExitCode.Data,
                    file.Path,
                    $"a header extension declares {size:N0} bytes, but only {left:N0} are left before the voxels",
                    "Save the file again without extensions"
                );
            file.Skip(length - next.Length, Ended);
            left -= length;
        }
        file.Skip(left, Ended);

        ProblemException Ended() =>
            RawVolume.Truncated(file.Path, header.Grid.Size, header.Encoding.Type, 0);
    }
}

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
