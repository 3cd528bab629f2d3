using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>What is kept of a case once its volumes are read, to be compared with other cases.</summary>
/// <param name="Case">Which case.</param>
/// <param name="Spacing">Of the image in model orientation.</param>
/// <param name="ImageHash">SHA-256 of the image's voxels.</param>
internal sealed record CaseFacts(DatasetCase Case, ModelSpacing Spacing, string ImageHash)
{
    public static CaseFacts Of(DatasetCase dataCase, Volume<float> image) =>
        new(
            dataCase,
            Spacings.Of(image.Grid),
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(image.Voxels.AsSpan())))
        );
}
