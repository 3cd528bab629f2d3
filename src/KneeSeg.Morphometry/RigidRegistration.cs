using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>
/// The rigid motion that brings a bone's interface at one visit onto that at another: iterated closest points with the
/// distance along the normal (Chen and Medioni 1992), trimmed (Chetverikov et al. 2005), so that a lesion does not pull.
/// </summary>
internal static class RigidRegistration
{
    private const int MostRounds = 100;

    // In mm: what moves less has converged.
    private const double Still = 1e-5;

    // Which of the points, sorted by their distance, are matched.
    private const double Kept = 0.9;

    // How much a distance across the normal counts: along a flat interface only its outline holds it.
    private const double Across = 0.1;

    // In mm: the width of the cubes in which points are searched.
    private const double Cube = 2;

    /// <summary>Finds the motion.</summary>
    /// <param name="moving">Points of the interface that moves, in RAS+ mm.</param>
    /// <param name="still">The interface that stays, and its unit normals.</param>
    /// <param name="start">A first guess.</param>
    public static Affine Of(
        IReadOnlyList<Point3> moving,
        IReadOnlyList<(Point3 Position, Point3 Normal)> still,
        Affine start
    )
    {
        var grid = new PointGrid([.. still.Select(one => one.Position)], Cube);
        var motion = start;
        for (var round = 0; round < MostRounds; round++)
        {
            var at = moving.Select(motion.Apply).ToArray();
            var to = new int[at.Length];
            Parallel.For(0, at.Length, n => to[n] = grid.Nearest(at[n]));
            var apart = at.Select((point, n) => (point - still[to[n]].Position).Length).ToArray();
            var limit = apart.Order().ElementAt((int)(Kept * (apart.Length - 1)));
            var middle = Mean(at);
            var step = Step(
                Enumerable
                    .Range(0, at.Length)
                    .Where(n => apart[n] <= limit)
                    .Select(n =>
                        (at[n] - middle, at[n] - still[to[n]].Position, still[to[n]].Normal)
                    )
            );
            motion = About(middle, step.Turn, step.Shift) * motion;
            var reach = at.Max(point => (point - middle).Length);
            if (step.Shift.Length + reach * step.Turn.Length < Still)
                break;
        }
        return motion;
    }

    /// <summary>The motion that brings an orthonormal frame at a place onto another.</summary>
    public static Affine Between(Frame from, Frame onto)
    {
        Affine Of(Frame frame) => Affine.FromColumns(frame.X, frame.Y, frame.Z, frame.Origin);
        return Of(onto) * Of(from).Inverse();
    }

    private static Point3 Mean(IReadOnlyCollection<Point3> points) =>
        1.0 / points.Count * points.Aggregate(default(Point3), (sum, point) => sum + point);

    // The least-squares turn (axis times angle) and shift for small angles.
    private static (Point3 Turn, Point3 Shift) Step(
        IEnumerable<(Point3 From, Point3 Apart, Point3 Normal)> pairs
    )
    {
        var (matrix, side) = (new double[6, 6], new double[6]);
        foreach (var (from, apart, normal) in pairs)
            for (var axis = 0; axis < 3; axis++)
            {
                // The distance along the normal, then what is across along each axis.
                Add(matrix, side, from, normal, Point3.Dot(apart, normal), (1 - Across) / 3);
                var unit = new Point3(axis == 0 ? 1 : 0, axis == 1 ? 1 : 0, axis == 2 ? 1 : 0);
                Add(matrix, side, from, unit, apart[axis], Across);
            }
        for (var n = 0; n < 6; n++)
            matrix[n, n] += 1e-9;
        Cholesky.Solve(matrix, side);
        return (new(side[0], side[1], side[2]), new(side[3], side[4], side[5]));
    }

    private static void Add(
        double[,] matrix,
        double[] side,
        Point3 from,
        Point3 along,
        double apart,
        double weight
    )
    {
        var turn = Point3.Cross(from, along);
        ReadOnlySpan<double> row = [turn.X, turn.Y, turn.Z, along.X, along.Y, along.Z];
        for (var a = 0; a < 6; a++)
        {
            for (var b = 0; b <= a; b++)
                matrix[a, b] += weight * row[a] * row[b];
            side[a] -= weight * row[a] * apart;
        }
    }

    // Rodrigues' formula, about a place, then a shift.
    private static Affine About(Point3 middle, Point3 turn, Point3 shift)
    {
        var angle = turn.Length;
        Point3 Turned(Point3 v)
        {
            if (angle == 0)
                return v;
            var axis = 1 / angle * turn;
            var (sine, cosine) = Math.SinCos(angle);
            return cosine * v
                + sine * Point3.Cross(axis, v)
                + (1 - cosine) * Point3.Dot(axis, v) * axis;
        }
        return Affine.FromColumns(
            Turned(new(1, 0, 0)),
            Turned(new(0, 1, 0)),
            Turned(new(0, 0, 1)),
            middle + shift - Turned(middle)
        );
    }
}

/// <summary>Three directions at right angles, and a place.</summary>
internal readonly record struct Frame(Point3 X, Point3 Y, Point3 Z, Point3 Origin)
{
    /// <summary>At a place, with Z along a direction, and X as near to another as can be.</summary>
    public static Frame At(Point3 origin, Point3 z, Point3 x)
    {
        static Point3 Unit(Point3 v) => 1 / v.Length * v;
        var up = Unit(z);
        var across = Unit(x - Point3.Dot(x, up) * up);
        return new(across, Point3.Cross(up, across), up, origin);
    }
}
