namespace KneeSeg.Inference;

/// <summary>What a network needs along one axis to answer in a tile as it does in the whole.</summary>
/// <param name="Multiple">Tiles begin and end at multiples of this.</param>
/// <param name="Before">Voxels that count beyond a tile's first one, a multiple too.</param>
/// <param name="After">Voxels that count beyond its last one.</param>
internal readonly record struct AxisMargins(int Multiple, int Before, int After)
{
    /// <summary>The multiple that a volume lies in.</summary>
    public int Whole(int size) => (size + Multiple - 1) / Multiple * Multiple;
}
