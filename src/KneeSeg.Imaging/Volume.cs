using System.Runtime.InteropServices;

namespace KneeSeg.Imaging;

/// <summary>
/// Voxels on a grid. The first axis is fastest in memory: voxel (i, j, k) is at
/// <c>i + size.X · (j + size.Y · k)</c>.
/// </summary>
/// <typeparam name="T"><see cref="float"/> for images, <see cref="byte"/> for labels.</typeparam>
/// <param name="Grid">Where the voxels are.</param>
/// <param name="Voxels">Their values, as many as the grid has.</param>
public sealed record Volume<T>(Grid Grid, T[] Voxels)
    where T : unmanaged
{
    /// <summary>Writes the voxels' bytes, little-endian.</summary>
    internal void WriteVoxels(Stream stream)
    {
        // In blocks: a span of bytes can't reach over 2 GiB.
        const int block = 1 << 20;
        for (var at = 0; at < Voxels.Length; at += block)
            stream.Write(
                MemoryMarshal.AsBytes(Voxels.AsSpan(at, Math.Min(block, Voxels.Length - at)))
            );
    }
}
