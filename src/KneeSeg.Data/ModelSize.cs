using System.Text.Json.Serialization;
using KneeSeg.Imaging;

namespace KneeSeg.Data;

/// <summary>
/// Voxels across the slices, from superior to inferior and from anterior to posterior: the size of a
/// patch, or of a volume in model orientation, whose array is [depth, height, width].
/// </summary>
public readonly record struct ModelSize(int Depth, int Height, int Width)
{
    /// <summary>All voxels.</summary>
    public long Count => (long)Depth * Height * Width;

    /// <summary>Depth, height and width.</summary>
    public int[] Lengths => [Depth, Height, Width];

    /// <summary>Along an axis.</summary>
    public int this[ModelAxis axis] =>
        axis switch
        {
            ModelAxis.Depth => Depth,
            ModelAxis.Height => Height,
            _ => Width,
        };

    /// <summary>Of a volume in model orientation, whose first axis in memory is the width.</summary>
    public static ModelSize Of(Grid grid) => new(grid.Size.Z, grid.Size.Y, grid.Size.X);

    /// <summary>As sizes are written: <c>48x96x96</c>.</summary>
    public override string ToString() => $"{Depth}x{Height}x{Width}";
}

/// <summary>The axes of an array in model orientation, slowest first.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelAxis>))]
public enum ModelAxis
{
    /// <summary>Across sagittal slices, towards the subject's right.</summary>
    Depth,

    /// <summary>From superior to inferior.</summary>
    Height,

    /// <summary>From anterior to posterior.</summary>
    Width,
}
