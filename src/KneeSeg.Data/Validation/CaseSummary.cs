using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Validation;

/// <summary>Properties of a case that are compared across cases.</summary>
/// <param name="Case">Which case.</param>
/// <param name="Spacing">Of the image in model orientation.</param>
/// <param name="ImageHash">SHA-256 of the image's voxels.</param>
internal sealed record CaseSummary(DatasetCase Case, ModelSpacing Spacing, string ImageHash)
{
    public static CaseSummary Of(DatasetCase dataCase, Volume<float> image) =>
        new(
            dataCase,
            Spacings.Of(image.Grid),
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(image.Voxels.AsSpan())))
        );
}
