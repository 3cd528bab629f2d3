namespace KneeSeg.Imaging;

/// <summary>A position or direction: RAS+ millimeters, or a fractional voxel index.</summary>
public readonly record struct Point3(double X, double Y, double Z)
{
    /// <summary>Distance from the origin.</summary>
    public double Length => Math.Sqrt(X * X + Y * Y + Z * Z);

    /// <summary>Along one axis, 0 to 2.</summary>
    public double this[int axis] =>
        axis switch
        {
            0 => X,
            1 => Y,
            2 => Z,
            _ => throw new ArgumentOutOfRangeException(nameof(axis)),
        };

    /// <summary>The vector from the second point to the first.</summary>
    public static Point3 operator -(Point3 a, Point3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>Vector addition.</summary>
    public static Point3 operator +(Point3 a, Point3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>Scales a vector.</summary>
    public static Point3 operator *(double factor, Point3 a) =>
        new(factor * a.X, factor * a.Y, factor * a.Z);

    /// <summary>The scalar product.</summary>
    public static double Dot(Point3 a, Point3 b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;

    /// <summary>The vector product.</summary>
    public static Point3 Cross(Point3 a, Point3 b) =>
        new(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);
}
