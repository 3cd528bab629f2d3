using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>An image as networks see it.</summary>
/// <param name="Volume">Model orientation and spacing, mean 0 and deviation 1; array [D, H, W].</param>
/// <param name="NonFiniteCount">How many voxels were not finite and took the darkest finite value.</param>
public sealed record PreprocessedImage(Volume<float> Volume, long NonFiniteCount)
{
    /// <summary>Its size.</summary>
    public ModelSize Size => ModelSize.Of(Volume.Grid);
}
