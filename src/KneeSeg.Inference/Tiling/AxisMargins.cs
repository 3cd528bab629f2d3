namespace KneeSeg.Inference.Tiling;

/// <summary>The alignment and margins along one axis that make a tile's output equal to that of the whole image.</summary>
/// <param name="Multiple">Tiles begin and end at multiples of this.</param>
/// <param name="Before">Context voxels before a tile, also a multiple.</param>
/// <param name="After">Context voxels after it.</param>
internal readonly record struct AxisMargins(int Multiple, int Before, int After)
{
    /// <summary>The size rounded up to a multiple.</summary>
    public int Whole(int size) => (size + Multiple - 1) / Multiple * Multiple;
}
