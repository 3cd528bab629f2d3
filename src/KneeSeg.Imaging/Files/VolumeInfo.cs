using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Imaging.Files;

/// <summary>A volume file in its own order of axes: the fields of <c>info --json</c>.</summary>
/// <param name="File">Its path, as given.</param>
/// <param name="Format">The format's name.</param>
/// <param name="Shape">Voxels along each axis.</param>
/// <param name="Dtype">The stored data type, by numpy's name.</param>
/// <param name="Spacing">Millimeters from voxel to voxel along each axis; null where that is not known.</param>
/// <param name="Affine">From voxel index to RAS+ mm, 4×4 by rows; null where the spacing is not known.</param>
/// <param name="Sha256">Of the voxels as little-endian float32, first axis fastest, in lower-case hexadecimals.</param>
/// <param name="NonFinite">How many voxels are NaN or infinite.</param>
/// <param name="Labels">The distinct labels in order, if it was read as labels.</param>
/// <param name="Segments">The file's named segments; most have none.</param>
/// <param name="Warnings">Warnings, one sentence each.</param>
public sealed record VolumeInfo(
    string File,
    string Format,
    int[] Shape,
    string Dtype,
    double[]? Spacing,
    double[][]? Affine,
    string Sha256,
    long NonFinite,
    int[]? Labels,
    IReadOnlyList<Segment> Segments,
    IReadOnlyList<string> Warnings
)
{
    private const int Block = 1 << 16;

    internal static VolumeInfo Of(StoredVolume stored, Volume<float> image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var nonFinite = 0L;
        for (var at = 0; at < image.Voxels.Length; at += Block)
        {
            var block = image.Voxels.AsSpan(at, Math.Min(Block, image.Voxels.Length - at));
            hash.AppendData(MemoryMarshal.AsBytes(block));
            foreach (var value in block)
                nonFinite += float.IsFinite(value) ? 0 : 1;
        }
        if (nonFinite > 0)
            stored.Warnings.Add($"{nonFinite:N0} voxels are not finite");
        return Of(stored, hash, nonFinite, null);
    }

    internal static VolumeInfo Of(StoredVolume stored, Volume<byte> labels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var seen = new bool[256];
        var values = new float[Block];
        for (var at = 0; at < labels.Voxels.Length; at += Block)
        {
            var block = labels.Voxels.AsSpan(at, Math.Min(Block, labels.Voxels.Length - at));
            for (var i = 0; i < block.Length; i++)
            {
                seen[block[i]] = true;
                values[i] = block[i];
            }
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan(0, block.Length)));
        }
        return Of(stored, hash, 0, [.. Enumerable.Range(0, 256).Where(label => seen[label])]);
    }

    private static VolumeInfo Of(
        StoredVolume stored,
        IncrementalHash hash,
        long nonFinite,
        int[]? labels
    )
    {
        var (size, spacing, known) = (stored.Grid.Size, stored.Grid.Spacing, stored.IsSpacingKnown);
        return new(
            stored.Path,
            stored.Format,
            [size.X, size.Y, size.Z],
            stored.DataType,
            known ? [spacing.X, spacing.Y, spacing.Z] : null,
            known ? stored.Grid.Affine.ToRows() : null,
            Convert.ToHexStringLower(hash.GetHashAndReset()),
            nonFinite,
            labels,
            stored.Segments,
            [.. stored.Warnings]
        );
    }
}
