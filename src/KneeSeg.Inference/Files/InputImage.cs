using KneeSeg.Imaging;

namespace KneeSeg.Inference.Files;

/// <summary>Which image a prediction was made from.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Hash">Hash of its voxels and grid, from <see cref="VolumeHash" />.</param>
internal sealed record InputImage(string Path, string Hash)
{
    /// <summary>An image that was read.</summary>
    public static InputImage Of(PredictionInput input, Volume<float> image) =>
        new(input.FullPath, VolumeHash.Of(image));
}
