using System.IO.Compression;

namespace KneeSeg.Imaging.Formats;

/// <summary>Opens MetaImage: <c>.mha</c>, and <c>.mhd</c> with its data file, compressed or not.</summary>
internal static class MetaImageReader
{
    /// <summary>Opens a file and checks its header and length.</summary>
    /// <exception cref="ProblemException">It can't be read (exit 3).</exception>
    public static StoredVolume Open(string path)
    {
        var file = InputFile.Open(path);
        try
        {
            List<string> warnings = [];
            var header = MetaImageHeader.Read(path, file);
            var grid = header.Grid(warnings);
            var encoding = header.Encoding();
            if (!header.DataFile.Equals("LOCAL", StringComparison.OrdinalIgnoreCase))
            {
                file.Dispose();
                file = DetachedFile.Open(path, header.DataFile);
            }
            var declared = grid.Size.Count * encoding.Type.Bytes;
            if (header.HeaderSize == -1 && !header.IsCompressed)
                file.Position = Math.Max(0, file.Length - declared);
            else if (header.HeaderSize > 0)
                file.Position += Math.Min(header.HeaderSize, file.Length);
            RawVolume.CheckLength(
                path,
                grid.Size,
                encoding.Type,
                file.Length - file.Position,
                header.IsCompressed
            );
            Stream voxels = header.IsCompressed
                ? new ZLibStream(file, CompressionMode.Decompress)
                : file;
            return new RawVolume(voxels, encoding)
            {
                Path = path,
                Format = "MetaImage",
                Grid = grid,
                DataType = encoding.Type.Name,
                Warnings = warnings,
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
