using KneeSeg.Imaging;

namespace KneeSeg.Data.Preprocessing;

/// <summary>A preprocessed image, the input of networks.</summary>
/// <param name="Volume">Model orientation and spacing, mean 0 and deviation 1; array [D, H, W].</param>
/// <param name="NonFiniteCount">The number of non-finite voxels, which were replaced by the minimum intensity.</param>
public sealed record PreprocessedImage(Volume<float> Volume, long NonFiniteCount)
{
    /// <summary>Its size.</summary>
    public ModelSize Size => ModelSize.Of(Volume.Grid);
}
