using static System.FormattableString;

namespace KneeSeg.Imaging.Formats;

/// <summary>The affine of a NIfTI header, in mm.</summary>
internal static class NiftiAffine
{
    private const double ToleranceMillimeters = 1e-3;

    /// <summary>The grid by the sform if set, else the qform, else the pixel sizes alone; inconsistencies become warnings.</summary>
    /// <exception cref="ProblemException">The affine is invalid (exit 3).</exception>
    public static Grid Read(NiftiFields fields, Size3 size, List<string> warnings)
    {
        var affine = ReadAffine(fields, size, warnings);
        return new(size, affine) { Forms = FormsOf(fields, affine) };
    }

    private static Affine ReadAffine(NiftiFields fields, Size3 size, List<string> warnings)
    {
        var scale = MillimetersPerUnit(fields, warnings);
        var (qformCode, sformCode) = (fields.QformCode, fields.SformCode);
        Affine affine;
        if (sformCode > 0)
        {
            affine = Scaled(Sform(fields), scale);
            CheckInvertible(fields, affine, "sform");
            if (qformCode > 0)
                CompareQform(fields, new(size, affine), scale, warnings);
        }
        else if (qformCode > 0)
        {
            CheckPixelSizes(fields);
            affine = Scaled(Qform(fields), scale);
            CheckInvertible(fields, affine, "qform");
        }
        else
        {
            CheckPixelSizes(fields);
            affine = Scaled(
                Affine.Diagonal(fields.PixelSize(1), fields.PixelSize(2), fields.PixelSize(3)),
                scale
            );
            warnings.Add("it has no orientation; assuming axes right, anterior, superior");
        }
        ComparePixelSizes(fields, affine, scale, warnings);
        if (qformCode > 0)
            WarnOfQuaternion(fields, warnings);
        WarnOfShear(affine, warnings);
        return affine;
    }

    /// <summary>Warns if axes are visibly off right angles.</summary>
    public static void WarnOfShear(Affine affine, List<string> warnings)
    {
        if (affine.ShearDegrees > 0.1)
            warnings.Add(
                Invariant($"its axes are {affine.ShearDegrees:0.##} degrees off right angles")
            );
    }

    private static NiftiForms FormsOf(NiftiFields fields, Affine affine) =>
        new(
            affine,
            fields.QformCode,
            fields.SformCode,
            fields.Units,
            fields.PixelSize(0),
            new(fields.PixelSize(1), fields.PixelSize(2), fields.PixelSize(3)),
            UnitQuaternion(fields),
            Qform(fields),
            Sform(fields)
        );

    // Normalized if too long, since some readers, such as nibabel, refuse it.
    private static Point3 UnitQuaternion(NiftiFields fields)
    {
        Point3 given = new(fields.Quaternion(0), fields.Quaternion(1), fields.Quaternion(2));
        if (!IsTooLong(given))
            return given;
        var (b, c, d, _) = NiftiQuaternion.HalfTurn(given, fields.PixelSize(0));
        return new(b, c, d);
    }

    private static double MillimetersPerUnit(NiftiFields fields, List<string> warnings)
    {
        var unit = fields.LengthUnit;
        if (unit > 3)
            warnings.Add($"its length unit {unit} is unknown; assuming mm");
        return unit switch
        {
            1 => 1000,
            3 => 0.001,
            _ => 1,
        };
    }

    private static Affine Sform(NiftiFields f) =>
        new(
            f.Sform(0, 0),
            f.Sform(0, 1),
            f.Sform(0, 2),
            f.Sform(0, 3),
            f.Sform(1, 0),
            f.Sform(1, 1),
            f.Sform(1, 2),
            f.Sform(1, 3),
            f.Sform(2, 0),
            f.Sform(2, 1),
            f.Sform(2, 2),
            f.Sform(2, 3)
        );

    private static Affine Qform(NiftiFields fields)
    {
        var (a, b, c, d) = Quaternion(fields);
        var handed = fields.PixelSize(0) < 0 ? -1 : 1;
        Point3 x = new(a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c));
        Point3 y = new(2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b));
        Point3 z = new(2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c);
        Point3 origin = new(fields.QformOrigin(0), fields.QformOrigin(1), fields.QformOrigin(2));
        return Affine.FromColumns(
            fields.PixelSize(1) * x,
            fields.PixelSize(2) * y,
            handed * fields.PixelSize(3) * z,
            origin
        );
    }

    private static (double A, double B, double C, double D) Quaternion(NiftiFields fields)
    {
        var (b, c, d) = (fields.Quaternion(0), fields.Quaternion(1), fields.Quaternion(2));
        var rest = 1 - (b * b + c * c + d * d);
        // As in the standard's own code: near a half turn, a is all rounding error.
        var a = rest < 1e-7 ? 0 : Math.Sqrt(rest);
        var norm = Math.Sqrt(a * a + b * b + c * c + d * d);
        return (a / norm, b / norm, c / norm, d / norm);
    }

    private static void WarnOfQuaternion(NiftiFields fields, List<string> warnings)
    {
        Point3 given = new(fields.Quaternion(0), fields.Quaternion(1), fields.Quaternion(2));
        if (IsTooLong(given))
            warnings.Add(
                Invariant(
                    $"its quaternion has b²+c²+d² = {Point3.Dot(given, given):0.######}, more than 1; assuming a half turn about the same axis"
                )
            );
    }

    // Beyond float32 rounding.
    private static bool IsTooLong(Point3 quaternion) =>
        Point3.Dot(quaternion, quaternion) > 1 + 3.5e-7;

    private static Affine Scaled(Affine a, double scale) =>
        scale == 1
            ? a
            : Affine.FromColumns(
                scale * a.Step(0),
                scale * a.Step(1),
                scale * a.Step(2),
                scale * a.Origin
            );

    private static void CheckInvertible(NiftiFields fields, Affine affine, string name)
    {
        if (!affine.IsInvertible)
            throw fields.Bad(
                $"its {name} is not finite or is singular",
                "Restore the orientation from the scanner's files"
            );
    }

    private static void CheckPixelSizes(NiftiFields fields)
    {
        for (var axis = 0; axis < 3; axis++)
        {
            var pixel = fields.PixelSize(axis + 1);
            if (!(pixel > 0 && double.IsFinite(pixel)))
                throw fields.Bad(
                    Invariant($"its pixel size along axis {axis + 1} is {pixel} mm"),
                    "Restore the voxel size (pixdim) from the scanner's files"
                );
        }
    }

    private static void CompareQform(
        NiftiFields fields,
        Grid grid,
        double scale,
        List<string> warnings
    )
    {
        var apart = grid.FarthestCorner(Scaled(Qform(fields), scale));
        // The float32 rounding error in radians, larger near a half turn, where a is taken as 0.
        var a = Quaternion(fields).A;
        var rounding = a > 0 ? 1.2e-7 / a : 1e-3;
        var across = grid.Affine.Apply(grid.Size.X, grid.Size.Y, grid.Size.Z) - grid.Affine.Origin;
        if (!(apart <= ToleranceMillimeters + rounding * across.Length))
            warnings.Add(
                double.IsFinite(apart)
                    ? Invariant(
                        $"sform and qform differ by up to {apart:0.###} mm; using the sform"
                    )
                    : "the qform is not finite; using the sform"
            );
    }

    private static void ComparePixelSizes(
        NiftiFields fields,
        Affine affine,
        double scale,
        List<string> warnings
    )
    {
        for (var axis = 0; axis < 3; axis++)
        {
            var (pixel, spacing) = (scale * fields.PixelSize(axis + 1), affine.Spacing[axis]);
            if (!(Math.Abs(pixel - spacing) <= ToleranceMillimeters))
                warnings.Add(
                    Invariant(
                        $"along axis {axis + 1}, pixdim is {pixel:0.####} mm but the affine's spacing is {spacing:0.####} mm"
                    ) + "; using the affine"
                );
        }
    }
}
