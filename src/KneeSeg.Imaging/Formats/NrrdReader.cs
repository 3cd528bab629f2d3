using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;

namespace KneeSeg.Imaging.Formats;

/// <summary>
/// Opens NRRD: <c>.nrrd</c>, and <c>.nhdr</c> with its data file, gzipped or not, and the segmentations of 3D
/// Slicer, <c>.seg.nrrd</c> (https://slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html).
/// </summary>
internal static partial class NrrdReader
{
    // Both keys of a segment and those of the segmentation begin with it.
    private const string SegmentKey = "Segment";

    /// <summary>Opens a file and checks its header and length.</summary>
    /// <exception cref="ProblemException">It can't be read (exit 3).</exception>
    public static StoredVolume Open(string path)
    {
        var place = VolumePath.Of(path).Place;
        var file = InputFile.Open(place);
        try
        {
            var header = NrrdHeader.Read(place, file);
            List<string> warnings = [];
            var sizes = header.Sizes();
            var axes = NrrdSpace.Axes(header, sizes.Length);
            var size = new Size3((int)sizes[axes[0]], (int)sizes[axes[1]], (int)sizes[axes[2]]);
            var isSegmentation = header.Pairs.Keys.Any(key =>
                key.StartsWith(SegmentKey, StringComparison.Ordinal)
            );
            var grid = new Grid(size, NrrdSpace.Affine(header, axes, warnings))
            {
                IsPart = isSegmentation,
            };
            var encoding = header.Encoding();
            var zipped = header.IsZipped();
            if (header.DataFile is { } name)
            {
                file.Dispose();
                file = DetachedFile.Open(place, name);
            }
            var layers = Layers(header, sizes, axes);
            var voxels = Voxels(
                path,
                file,
                header,
                zipped,
                size with
                {
                    X = layers * size.X,
                },
                encoding.Type
            );
            var interleaved = layers > 1 && axes[0] > 0;
            RawVolume Raw(Grid on, VolumeChoice volume) =>
                new(voxels, encoding)
                {
                    Volume = volume,
                    IsInterleaved = interleaved && volume.Count > 1,
                    Path = path,
                    Format = $"NRRD {header.Version}",
                    Grid = on,
                    DataType = encoding.Type.Name,
                    Warnings = warnings,
                };
            if (!isSegmentation)
            {
                var volume = VolumeChoice.Of(path, layers);
                if (!interleaved)
                    new UnzippedFile(path, voxels, file.Length, zipped).Skip(
                        volume.Before(size.Count * encoding.Type.Bytes),
                        () => RawVolume.Truncated(path, size, encoding.Type, null)
                    );
                return Raw(grid, volume);
            }
            return new SegmentedVolume(
                Raw(grid with { Size = size with { X = layers * size.X } }, new(0, 1)),
                Segments(header, layers),
                layers,
                layersFirst: axes[0] > 0
            )
            {
                Path = path,
                Format = $"NRRD {header.Version} of segments",
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

    // The stream of the voxels, at the first of them.
    private static Stream Voxels(
        string path,
        FileStream file,
        NrrdHeader header,
        bool zipped,
        Size3 all,
        VoxelType type
    )
    {
        for (var line = 0L; line < header.LineSkip; line++)
            while (file.ReadByte() is >= 0 and not '\n') { }
        if (header.ByteSkip == -1 && !zipped)
            file.Position = Math.Max(file.Position, file.Length - all.Count * type.Bytes);
        else if (header.ByteSkip < 0)
            throw header.Bad(
                $"its byte skip {header.ByteSkip} is invalid",
                "Set it to the number of bytes before the voxels"
            );
        var skip = Math.Max(0, header.ByteSkip);
        var left = file.Length - file.Position;
        RawVolume.CheckLength(path, all, type, zipped ? left : left - skip, zipped);
        Stream voxels = zipped
            ? new GZipStream(new TerminatedStream(file), CompressionMode.Decompress)
            : file;
        new UnzippedFile(path, voxels, file.Length, zipped).Skip(
            skip,
            () => RawVolume.Truncated(path, all, type, 0)
        );
        return voxels;
    }

    // Values per voxel: the layers of a segmentation, or volumes.
    private static int Layers(NrrdHeader header, long[] sizes, int[] axes)
    {
        int[] others =
        [
            .. Enumerable.Range(0, sizes.Length).Except(axes).Where(axis => sizes[axis] > 1),
        ];
        if (others is [])
            return 1;
        var kinds = header.Find("kinds") is { } text ? NrrdHeader.Words(text) : [];
        var kind = others[0] < kinds.Length ? kinds[others[0]] : "list";
        if (
            kind is "RGB-color" or "RGBA-color" or "HSV-color"
            || others.Length > 1
            || others[0] > axes[0] && others[0] < axes[2]
        )
            throw header.Bad(
                $"it has {string.Join("×", others.Select(axis => sizes[axis]))} values per voxel ({kind})",
                "Save one 3D volume per file, for example from 3D Slicer"
            );
        return (int)sizes[others[0]];
    }

    private static Segment[] Segments(NrrdHeader header, int layers)
    {
        var pairs = header.Pairs;
        var source =
            pairs.GetValueOrDefault("Segmentation_SourceRepresentation")
            ?? pairs.GetValueOrDefault("Segmentation_MasterRepresentation");
        if (source?.StartsWith("Fractional", StringComparison.OrdinalIgnoreCase) == true)
            throw header.Bad(
                $"its segments are stored as \"{source}\", not as labels",
                "Convert it to a binary labelmap in 3D Slicer"
            );
        int Number(string key, int otherwise) =>
            !pairs.TryGetValue(key, out var text) ? otherwise
            : int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number
            : throw header.Bad($"its {key} is \"{text}\"", "Save it again from 3D Slicer");
        return
        [
            .. pairs
                .Keys.Select(key => KeyOfSegment().Match(key))
                .Where(match => match.Success)
                .Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
                .Distinct()
                .Order()
                // Before layers were shared, each segment had one of its own and the value 1.
                .Select(i => new Segment(
                    (pairs.GetValueOrDefault($"Segment{i}_Name") ?? pairs[$"Segment{i}_ID"]).Trim(),
                    Number($"Segment{i}_LabelValue", 1),
                    Number($"Segment{i}_Layer", layers > 1 ? i : 0)
                )),
        ];
    }

    [GeneratedRegex(@"^Segment(\d{1,6})_(?:ID|Name)$")]
    private static partial Regex KeyOfSegment();
}
