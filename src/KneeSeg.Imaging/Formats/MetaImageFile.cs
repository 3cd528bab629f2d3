using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// MetaImage: reads <c>.mha</c>, and <c>.mhd</c> with its data file, compressed or not; writes <c>.mha</c> in one file,
/// little-endian, not compressed. Equal volumes give equal bytes.
/// </summary>
internal static class MetaImageFile
{
    /// <summary>Opens a file and checks its header and length.</summary>
    /// <exception cref="ProblemException">It can't be read (exit 3).</exception>
    public static StoredVolume Open(string path)
    {
        var place = VolumePath.Of(path).Place;
        var file = InputFile.Open(place);
        try
        {
            List<string> warnings = [];
            var header = MetaImageHeader.Read(place, file);
            var (grid, count) = header.Grid(warnings);
            var (encoding, channels) = (header.Encoding(), header.Channels());
            if (count > 1 && channels > 1)
                throw header.Bad(
                    $"it has {count} volumes of {channels} channels",
                    "Save one of them per file"
                );
            var volume = VolumeChoice.Of(path, count * channels);
            if (!header.DataFile.Equals("LOCAL", StringComparison.OrdinalIgnoreCase))
            {
                file.Dispose();
                file = DetachedFile.Open(place, header.DataFile);
            }
            var bytes = grid.Size.Count * encoding.Type.Bytes;
            if (header.HeaderSize == -1 && !header.IsCompressed)
                file.Position = Math.Max(0, file.Length - volume.Count * bytes);
            else if (header.HeaderSize > 0)
                file.Position += Math.Min(header.HeaderSize, file.Length);
            RawVolume.CheckLength(
                path,
                volume.All(grid.Size),
                encoding.Type,
                file.Length - file.Position,
                header.IsCompressed
            );
            Stream voxels = header.IsCompressed
                ? new ZLibStream(file, CompressionMode.Decompress)
                : file;
            if (channels == 1)
                new UnzippedFile(path, voxels, file.Length, header.IsCompressed).Skip(
                    volume.Before(bytes),
                    () => RawVolume.Truncated(path, grid.Size, encoding.Type, null)
                );
            return new RawVolume(voxels, encoding)
            {
                Volume = volume,
                IsInterleaved = channels > 1,
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

    /// <summary>Writes an image or labels.</summary>
    /// <param name="path">A name ending in <c>.mha</c>.</param>
    /// <param name="volume">Voxels of <see cref="byte"/>, <see cref="short"/> or <see cref="float"/>, with their grid.</param>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void Write<T>(string path, Volume<T> volume)
        where T : unmanaged =>
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(Encoding.ASCII.GetBytes(Header(volume.Grid, TypeOf<T>())));
                volume.WriteVoxels(stream);
            }
        );

    private static string TypeOf<T>() =>
        typeof(T) == typeof(byte) ? "MET_UCHAR"
        : typeof(T) == typeof(short) ? "MET_SHORT"
        : typeof(T) == typeof(float) ? "MET_FLOAT"
        : throw new ArgumentException($"no MetaImage type for {typeof(T)}");

    private static string Header(Grid grid, string type)
    {
        var (affine, spacing) = (grid.Affine, grid.Spacing);
        // Left and posterior are right and anterior backwards; the matrix is listed axis by axis.
        IEnumerable<double> Direction(int axis) =>
            [
                -affine.Step(axis).X / spacing[axis],
                -affine.Step(axis).Y / spacing[axis],
                affine.Step(axis).Z / spacing[axis],
            ];
        static string Listed(IEnumerable<double> numbers) =>
            string.Join(
                ' ',
                numbers.Select(number => (number + 0.0).ToString("R", CultureInfo.InvariantCulture))
            );
        return $"""
            ObjectType = Image
            NDims = 3
            BinaryData = True
            BinaryDataByteOrderMSB = False
            CompressedData = False
            TransformMatrix = {Listed(Enumerable.Range(0, 3).SelectMany(Direction))}
            Offset = {Listed([-affine.Origin.X, -affine.Origin.Y, affine.Origin.Z])}
            CenterOfRotation = 0 0 0
            AnatomicalOrientation = {From(affine)}
            ElementSpacing = {Listed([spacing.X, spacing.Y, spacing.Z])}
            DimSize = {grid.Size.X} {grid.Size.Y} {grid.Size.Z}
            ElementType = {type}
            ElementDataFile = LOCAL

            """.ReplaceLineEndings("\n");
    }

    // MetaImage names where axes come from, not where they run to.
    private static string From(Affine affine) =>
        string.Concat(AxisOrder.Codes(affine).Select(to => "LRPAIS"["RLAPSI".IndexOf(to)]));
}
