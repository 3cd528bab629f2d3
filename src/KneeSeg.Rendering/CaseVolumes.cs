using KneeSeg.Imaging;

namespace KneeSeg.Rendering;

/// <summary>An image, what an expert drew on it and what the network found, all on one grid.</summary>
/// <param name="Image">The image.</param>
/// <param name="Reference">The expert's labels; what is not annotated is background.</param>
/// <param name="Prediction">The network's labels.</param>
public sealed record CaseVolumes(
    Volume<float> Image,
    Volume<byte> Reference,
    Volume<byte> Prediction
)
{
    /// <summary>The prediction to be compared with the reference: background where that is not annotated.</summary>
    public Volume<byte> Compared
    {
        get => field ?? Prediction;
        init;
    }
}
