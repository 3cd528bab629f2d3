using KneeSeg.Imaging;

namespace KneeSeg.Tests.Evaluation;

/// <summary>Label volumes from formulas, on 24×20×16 voxels of 0.7×0.365×0.5 mm unless said otherwise.</summary>
public static class Masks
{
    public static readonly Grid SmallGrid = Grid.Centered(
        new(24, 20, 16),
        new(0.7, 0.365, 0.5),
        "PIR"
    );

    public static Volume<byte> Where(Func<int, int, int, bool> isInside) =>
        Where(SmallGrid, isInside);

    public static Volume<byte> Where(Grid grid, Func<int, int, int, bool> isInside)
    {
        var (x, y) = (grid.Size.X, grid.Size.Y);
        return new(
            grid,
            [
                .. Enumerable
                    .Range(0, (int)grid.Size.Count)
                    .Select(n => isInside(n % x, n / x % y, n / x / y) ? (byte)1 : (byte)0),
            ]
        );
    }

    public static Func<int, int, int, bool> Ball(int x, int y, int z, double radius) =>
        (i, j, k) =>
            0.7 * 0.7 * (i - x) * (i - x)
                + 0.365 * 0.365 * (j - y) * (j - y)
                + 0.5 * 0.5 * (k - z) * (k - z)
            <= radius * radius;

    public static Func<int, int, int, bool> Box(int x0, int x1, int y0, int y1, int z0, int z1) =>
        (i, j, k) => i >= x0 && i < x1 && j >= y0 && j < y1 && k >= z0 && k < z1;

    public static Func<int, int, int, bool> Noise(int modulus, int below) =>
        (i, j, k) => (i * 7919 + j * 104729 + k * 1299709) % modulus < below;

    public static Func<int, int, int, bool> Shell(
        int x,
        int y,
        int z,
        double outer,
        double inner
    ) => (i, j, k) => Ball(x, y, z, outer)(i, j, k) && !Ball(x, y, z, inner)(i, j, k);
}
