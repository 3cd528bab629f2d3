using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>Points sorted into cubes, for fast nearest-neighbor search.</summary>
internal sealed class PointGrid
{
    private readonly IReadOnlyList<Point3> points;
    private readonly double cube;
    private readonly Point3 low;
    private readonly Size3 size;

    // The points of cube c are those that sorted[starts[c]..starts[c + 1]] numbers.
    private readonly int[] starts;
    private readonly int[] sorted;

    /// <summary>Sorts at least one point into cubes of a width in mm.</summary>
    public PointGrid(IReadOnlyList<Point3> points, double cube)
    {
        (this.points, this.cube) = (points, cube);
        low = new(points.Min(p => p.X), points.Min(p => p.Y), points.Min(p => p.Z));
        var high = new Point3(points.Max(p => p.X), points.Max(p => p.Y), points.Max(p => p.Z));
        var (i, j, k) = CubeOf(high);
        size = new(i + 1, j + 1, k + 1);
        int[] cubes = [.. points.Select(p => CubeOf(p)).Select(c => At(c.I, c.J, c.K))];
        starts = new int[size.Count + 1];
        foreach (var c in cubes)
            starts[c + 1]++;
        for (var c = 0; c < size.Count; c++)
            starts[c + 1] += starts[c];
        sorted = [.. Enumerable.Range(0, cubes.Length)];
        Array.Sort(cubes, sorted);
    }

    /// <summary>The number of the point nearest to another.</summary>
    public int Nearest(Point3 from)
    {
        var (best, squared) = (-1, double.PositiveInfinity);
        var (i, j, k) = CubeOf(from);
        for (var ring = 0; best < 0 || (ring - 1) * cube < Math.Sqrt(squared); ring++)
            foreach (var n in Shell(i, j, k, ring))
            {
                var apart = points[n] - from;
                if (Point3.Dot(apart, apart) is var d && d < squared)
                    (best, squared) = (n, d);
            }
        return best;
    }

    private (int I, int J, int K) CubeOf(Point3 p) =>
        (
            (int)Math.Floor((p.X - low.X) / cube),
            (int)Math.Floor((p.Y - low.Y) / cube),
            (int)Math.Floor((p.Z - low.Z) / cube)
        );

    private int At(int i, int j, int k) => i + size.X * (j + size.Y * k);

    // The points in the cubes at so many steps from one.
    private IEnumerable<int> Shell(int i, int j, int k, int ring)
    {
        for (var z = Math.Max(0, k - ring); z <= Math.Min(size.Z - 1, k + ring); z++)
        for (var y = Math.Max(0, j - ring); y <= Math.Min(size.Y - 1, j + ring); y++)
        {
            // Inside of the shell, only its two ends count.
            var isWall = Math.Abs(z - k) == ring || Math.Abs(y - j) == ring;
            var step = isWall || ring == 0 ? 1 : 2 * ring;
            for (var x = i - ring; x <= i + ring; x += step)
            {
                if (x < 0 || x >= size.X)
                    continue;
                var c = At(x, y, z);
                for (var n = starts[c]; n < starts[c + 1]; n++)
                    yield return sorted[n];
            }
        }
    }
}
