using FsCheck;
using FsCheck.Fluent;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Imaging;

/// <summary>Small volumes for tests, plain and random.</summary>
public static class Volumes
{
    private static readonly string[] Codes =
    [
        .. from order in new[] { "RAS", "RSA", "ARS", "ASR", "SRA", "SAR" }
        from flips in Enumerable.Range(0, 8)
        select string.Concat(
            order.Select((code, axis) => (flips >> axis & 1) == 0 ? code : Opposite(code))
        ),
    ];

    /// <summary>All 48 ways to order and flip three axes.</summary>
    public static IReadOnlyList<string> AllCodes => Codes;

    /// <summary>A volume whose voxels count up in memory.</summary>
    public static Volume<short> Counting(Grid grid) =>
        new(grid, [.. Enumerable.Range(0, (int)grid.Size.Count).Select(i => (short)i)]);

    /// <summary>Grids of any orientation, straight or oblique, with sides of 1 to 7 voxels.</summary>
    public static Arbitrary<Grid> Grids() =>
        (
            from size in Gen.Choose(1, 7).Three()
            from spacing in Gen.Choose(1, 40).Select(tenths => tenths / 8.0).Three()
            from codes in Gen.Elements(Codes)
            from degrees in Gen.Choose(-30, 30).Three()
            from origin in Gen.Choose(-900, 900).Select(tenths => tenths / 8.0).Three()
            select Turned(
                Grid.Centered(
                    new(size.Item1, size.Item2, size.Item3),
                    new(spacing.Item1, spacing.Item2, spacing.Item3),
                    codes
                ),
                degrees.Item1 % 3 == 0 ? 0 : degrees.Item1,
                degrees.Item1 % 3 == 0 ? 0 : degrees.Item2,
                new(origin.Item1, origin.Item2, origin.Item3)
            )
        ).ToArbitrary();

    /// <summary>A grid turned about two of the patient's axes and moved, as an oblique scan is.</summary>
    public static Grid Turned(Grid grid, double aboutX, double aboutZ, Point3 origin)
    {
        var (sx, cx) = Math.SinCos(aboutX * Math.PI / 180);
        var (sz, cz) = Math.SinCos(aboutZ * Math.PI / 180);
        var tilt = new Affine(1, 0, 0, 0, 0, cx, -sx, 0, 0, sx, cx, 0);
        var turn = new Affine(cz, -sz, 0, origin.X, sz, cz, 0, origin.Y, 0, 0, 1, origin.Z);
        return grid with { Affine = turn * tilt * grid.Affine };
    }

    private static char Opposite(char code) => "LPI"["RAS".IndexOf(code)];
}
