namespace KneeSeg.Imaging;

/// <summary>
/// From voxel index (i, j, k) to RAS+ millimeters: x grows to the right, y to the front, z to the head.
/// The three rows of a 4×4 matrix whose last row is (0, 0, 0, 1).
/// </summary>
public readonly record struct Affine(
    double M00,
    double M01,
    double M02,
    double M03,
    double M10,
    double M11,
    double M12,
    double M13,
    double M20,
    double M21,
    double M22,
    double M23
)
{
    /// <summary>The map that changes nothing.</summary>
    public static Affine Identity { get; } = Diagonal(1, 1, 1);

    /// <summary>Voxels along right, anterior and superior, the first at the origin.</summary>
    public static Affine Diagonal(double x, double y, double z) =>
        new(x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0);

    /// <summary>From the steps of the three axes and the position of the first voxel.</summary>
    public static Affine FromColumns(Point3 x, Point3 y, Point3 z, Point3 origin) =>
        new(x.X, y.X, z.X, origin.X, x.Y, y.Y, z.Y, origin.Y, x.Z, y.Z, z.Z, origin.Z);

    /// <summary>Where voxel (0, 0, 0) is.</summary>
    public Point3 Origin => new(M03, M13, M23);

    /// <summary>The step from one voxel to the next along an axis, 0 to 2.</summary>
    public Point3 Step(int axis) =>
        axis switch
        {
            0 => new(M00, M10, M20),
            1 => new(M01, M11, M21),
            2 => new(M02, M12, M22),
            _ => throw new ArgumentOutOfRangeException(nameof(axis)),
        };

    /// <summary>The lengths of the three steps.</summary>
    public Spacing3 Spacing => new(Step(0).Length, Step(1).Length, Step(2).Length);

    /// <summary>The signed volume of a voxel in mm³: negative for a left-handed order of axes.</summary>
    public double Determinant =>
        M00 * (M11 * M22 - M12 * M21)
        - M01 * (M10 * M22 - M12 * M20)
        + M02 * (M10 * M21 - M11 * M20);

    /// <summary>Whether all numbers are finite and the voxels have a volume, so that there is an inverse.</summary>
    public bool IsInvertible
    {
        get
        {
            var spacing = Spacing;
            // Relative to the steps, so that small voxels are as good as large ones.
            return spacing.IsPositive
                && double.IsFinite(M03 + M13 + M23)
                && Math.Abs(Determinant) > 1e-6 * spacing.X * spacing.Y * spacing.Z;
        }
    }

    /// <summary>The largest departure from right angles between two axes, in degrees.</summary>
    public double ShearDegrees =>
        Math.Max(ShearBetween(0, 1), Math.Max(ShearBetween(0, 2), ShearBetween(1, 2)));

    /// <summary>The position of a voxel, whose index may be fractional.</summary>
    public Point3 Apply(double i, double j, double k) =>
        new(
            M00 * i + M01 * j + M02 * k + M03,
            M10 * i + M11 * j + M12 * k + M13,
            M20 * i + M21 * j + M22 * k + M23
        );

    /// <inheritdoc cref="Apply(double, double, double)" />
    public Point3 Apply(Point3 index) => Apply(index.X, index.Y, index.Z);

    /// <summary>From millimeters back to voxel indices. Only if <see cref="IsInvertible" />.</summary>
    public Affine Inverse()
    {
        var d = 1 / Determinant;
        var x = new Point3(
            (M11 * M22 - M12 * M21) * d,
            (M12 * M20 - M10 * M22) * d,
            (M10 * M21 - M11 * M20) * d
        );
        var y = new Point3(
            (M02 * M21 - M01 * M22) * d,
            (M00 * M22 - M02 * M20) * d,
            (M01 * M20 - M00 * M21) * d
        );
        var z = new Point3(
            (M01 * M12 - M02 * M11) * d,
            (M02 * M10 - M00 * M12) * d,
            (M00 * M11 - M01 * M10) * d
        );
        var linear = FromColumns(x, y, z, default);
        return FromColumns(x, y, z, -1 * linear.Apply(Origin));
    }

    /// <summary>The second map, then the first.</summary>
    public static Affine operator *(Affine outer, Affine inner)
    {
        Point3 Turned(Point3 step) => outer.Apply(step) - outer.Origin;
        return FromColumns(
            Turned(inner.Step(0)),
            Turned(inner.Step(1)),
            Turned(inner.Step(2)),
            outer.Apply(inner.Origin)
        );
    }

    /// <summary>The same voxels, with voxel (0, 0, 0) elsewhere.</summary>
    public Affine WithOrigin(Point3 origin) => FromColumns(Step(0), Step(1), Step(2), origin);

    /// <summary>The 4×4 matrix, row by row.</summary>
    public double[][] ToRows() =>
        [
            [M00, M01, M02, M03],
            [M10, M11, M12, M13],
            [M20, M21, M22, M23],
            [0, 0, 0, 1],
        ];

    private double ShearBetween(int a, int b)
    {
        var cosine = Point3.Dot(Step(a), Step(b)) / (Step(a).Length * Step(b).Length);
        return Math.Abs(Math.Asin(Math.Clamp(cosine, -1, 1))) * 180 / Math.PI;
    }
}
