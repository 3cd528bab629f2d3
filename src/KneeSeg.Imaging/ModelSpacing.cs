using System.Text.Json.Serialization;

namespace KneeSeg.Imaging;

/// <summary>
/// Millimeters from voxel to voxel across the slices, from superior to inferior and from anterior to posterior:
/// the order of sizes on the command line and in <c>dataset.json</c>.
/// </summary>
public readonly record struct ModelSpacing(double Depth, double Height, double Width)
{
    /// <summary>For a volume in model orientation, whose first axis is the width.</summary>
    [JsonIgnore]
    public Spacing3 OfModelVolume => new(Width, Height, Depth);
}
