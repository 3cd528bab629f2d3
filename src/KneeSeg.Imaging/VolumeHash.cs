using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace KneeSeg.Imaging;

/// <summary>What an image is: equal for equal voxels that every program lays at equal places, and else another.</summary>
public static class VolumeHash
{
    // A span of bytes can't reach over 2 GiB.
    private const int Block = 1 << 20;

    /// <summary>SHA-256 of the size, the affine, what a NIfTI header says besides and the voxels, in lower-case hexadecimals.</summary>
    public static string Of(Volume<float> image) => Convert.ToHexStringLower(Bytes(image));

    /// <summary>The same in 32 bytes.</summary>
    public static byte[] Bytes(Volume<float> image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<Size3>([image.Grid.Size])));
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<Affine>([image.Grid.Affine])));
        if (image.Grid.Forms is { } forms)
            hash.AppendData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(forms)));
        for (var at = 0; at < image.Voxels.Length; at += Block)
            hash.AppendData(
                MemoryMarshal.AsBytes(
                    image.Voxels.AsSpan(at, Math.Min(Block, image.Voxels.Length - at))
                )
            );
        return hash.GetHashAndReset();
    }
}
