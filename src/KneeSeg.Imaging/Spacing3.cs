using System.Globalization;
using System.Text.Json.Serialization;

namespace KneeSeg.Imaging;

/// <summary>Millimeters from voxel to voxel along each axis of a file.</summary>
public readonly record struct Spacing3(double X, double Y, double Z)
{
    /// <summary>Along one axis, 0 to 2.</summary>
    public double this[int axis] =>
        axis switch
        {
            0 => X,
            1 => Y,
            2 => Z,
            _ => throw new ArgumentOutOfRangeException(nameof(axis)),
        };

    /// <summary>The shortest of the three.</summary>
    public double Smallest => Math.Min(X, Math.Min(Y, Z));

    /// <summary>The longest of the three.</summary>
    public double Largest => Math.Max(X, Math.Max(Y, Z));

    /// <summary>Whether voxels have an extent along each axis: finite and more than zero.</summary>
    public bool IsPositive => X > 0 && Y > 0 && Z > 0 && double.IsFinite(X + Y + Z);

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{X:0.####}×{Y:0.####}×{Z:0.####} mm");
}

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
