using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>An image with its reference and predicted labels, on one grid.</summary>
/// <param name="Image">The image.</param>
/// <param name="Reference">The reference labels; voxels that are not annotated are background.</param>
/// <param name="Prediction">The predicted labels.</param>
public sealed record CaseVolumes(
    Volume<float> Image,
    Volume<byte> Reference,
    Volume<byte> Prediction
)
{
    /// <summary>The prediction that is compared with the reference: background where the reference is not annotated.</summary>
    public Volume<byte> Compared
    {
        get => field ?? Prediction;
        init;
    }
}
