using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KneeSeg.Imaging;

/// <summary>Identifies an image: equal for equal voxels at equal positions, and different otherwise.</summary>
public static class VolumeHash
{
    // An unused form may contain NaN.
    private static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>SHA-256 of the size, the affine, the NIfTI header's forms and the voxels, in lower-case hexadecimals.</summary>
    public static string Of(Volume<float> image) => Convert.ToHexStringLower(Bytes(image));

    /// <summary>Of several channels of an image: the SHA-256 of their hashes.</summary>
    public static string Of(IReadOnlyList<Volume<float>> channels) =>
        channels is [var only]
            ? Of(only)
            : Convert.ToHexStringLower(SHA256.HashData([.. channels.SelectMany(Bytes)]));

    /// <summary>The same in 32 bytes.</summary>
    public static byte[] Bytes(Volume<float> image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<Size3>([image.Grid.Size])));
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<Affine>([image.Grid.Affine])));
        if (image.Grid.Forms is { } forms)
            hash.AppendData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(forms, Options)));
        hash.AppendData(MemoryMarshal.AsBytes(image.Voxels.AsSpan()));
        return hash.GetHashAndReset();
    }
}
