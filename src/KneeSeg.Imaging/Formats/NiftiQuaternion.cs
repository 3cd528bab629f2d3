namespace KneeSeg.Imaging.Formats;

/// <summary>
/// A rotation in the form of NIfTI's qform: the last three numbers of a unit quaternion whose first is not negative, and
/// whether the third axis is turned over (the standard's qfac).
/// </summary>
internal readonly record struct NiftiQuaternion(double B, double C, double D, double Handedness)
{
    /// <summary>The rotation in an affine with axes at right angles.</summary>
    public static NiftiQuaternion Of(Affine affine)
    {
        var handedness = affine.Determinant < 0 ? -1.0 : 1.0;
        var spacing = affine.Spacing;
        var x = 1 / spacing.X * affine.Step(0);
        var y = 1 / spacing.Y * affine.Step(1);
        var z = handedness / spacing.Z * affine.Step(2);

        // Four formulas for the same rotation; the one that divides by the largest number is exact (Shepperd 1978).
        double[] squares =
        [
            1 + x.X + y.Y + z.Z,
            1 + x.X - y.Y - z.Z,
            1 - x.X + y.Y - z.Z,
            1 - x.X - y.Y + z.Z,
        ];
        var largest = Array.IndexOf(squares, squares.Max());
        var twice = Math.Sqrt(squares[largest]);
        var (p, q, r) = (y.Z - z.Y, z.X - x.Z, x.Y - y.X);
        var (s, t, u) = (x.Y + y.X, x.Z + z.X, y.Z + z.Y);
        var (a, b, c, d) = largest switch
        {
            0 => (twice, p / twice, q / twice, r / twice),
            1 => (p / twice, twice, s / twice, t / twice),
            2 => (q / twice, s / twice, twice, u / twice),
            _ => (r / twice, t / twice, u / twice, twice),
        };
        var half = a < 0 ? -0.5 : 0.5;
        var (i, j, k) = ((float)(half * b), (float)(half * c), (float)(half * d));
        return Math.Abs(a) > 1e-6 ? new(i, j, k, handedness) : HalfTurn(i, j, k, handedness);
    }

    /// <summary>A half turn about an axis of any length.</summary>
    public static NiftiQuaternion HalfTurn(Point3 axis, double handedness)
    {
        var unit = 1 / axis.Length * axis;
        return HalfTurn((float)unit.X, (float)unit.Y, (float)unit.Z, handedness);
    }

    // Readers compute a as √(1 − b² − c² − d²): in a half turn, rounding must not leave a positive rest.
    private static NiftiQuaternion HalfTurn(float b, float c, float d, double handedness)
    {
        static float Longer(float x) =>
            x < 0 ? float.BitDecrement(x)
            : x > 0 ? float.BitIncrement(x)
            : x;
        while ((double)b * b + (double)c * c + (double)d * d < 1)
            (b, c, d) = (Longer(b), Longer(c), Longer(d));
        return new(b, c, d, handedness);
    }
}
