using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Morphometry;

/// <summary>
/// The bone interface of a plate: where columns of a chart that start inside the bone first meet the plate, with the steps
/// of voxels smoothed away. The position of the interface is smoothed, not the mask, which would thin its margin.
/// </summary>
internal sealed class PlateSurface
{
    // Lengths in mm. A column at the margin may meet the plate's side wall, which is found by its distance from the
    // interface that the plate's core shows.
    private const double FinestCell = 0.25;
    private const double Rim = 2;
    private const double CoreSupport = 5;
    private const double Support = 3;

    // Of a mask that lies askew in a huge volume; a femur's has a tenth.
    private const double MostCells = 1e6;
    private const double MostSteps = 4000;

    private readonly SubvoxelMask mask;
    private readonly PlateChart chart;
    private readonly double cell;
    private readonly (int U, int V) first;
    private readonly (double Low, double High) heights;

    /// <summary>Finds the interface.</summary>
    /// <param name="mask">The plate's voxels; at least one.</param>
    /// <param name="chart">The chart.</param>
    public PlateSurface(SubvoxelMask mask, PlateChart chart)
    {
        (this.mask, this.chart) = (mask, chart);
        var (low, high) = Extent(mask, chart);
        heights = (low.Height - mask.Spacing.Largest, high.Height + mask.Spacing.Largest);
        cell = Math.Max(
            Math.Max(FinestCell, 0.8 * mask.Spacing.Smallest),
            Math.Sqrt((high.U - low.U) * (high.V - low.V) / MostCells)
        );
        // Cells lie at multiples of their width, so that a mirrored plate has mirrored ones, and one all around is empty.
        int First(double from) => (int)Math.Floor((from - mask.Spacing.Largest) / cell) - 1;
        int Last(double to) => (int)Math.Ceiling((to + mask.Spacing.Largest) / cell) + 1;
        first = (First(low.U), First(low.V));
        Width = Last(high.U) - first.U + 1;
        Height = Last(high.V) - first.V + 1;

        var entries = Entries();
        var met = Array.ConvertAll(entries, double.IsFinite);
        var core = Smoothed(entries, Core(met), CoreSupport);
        Covered =
        [
            .. met.Select((hit, i) => hit && !(entries[i] - core[i].Value > mask.Spacing.Largest)),
        ];
        Interface = Smoothed(entries, Covered, Support);
    }

    /// <summary>Cells of a row, along u.</summary>
    public int Width { get; }

    /// <summary>Rows, along v.</summary>
    public int Height { get; }

    /// <summary>Which cells have cartilage.</summary>
    public bool[] Covered { get; }

    /// <summary>The interface's height at every cell, and its slopes along u and v.</summary>
    public (double Height, double SlopeU, double SlopeV)[] Interface { get; }

    /// <summary>The coordinates of a cell.</summary>
    public (double U, double V) At(int index) =>
        ((first.U + index % Width) * cell, (first.V + index / Width) * cell);

    /// <summary>The interface at a cell: its point, the unit normal into the joint, and the cell's area in mm².</summary>
    public (Point3 Position, Point3 Normal, double Area) Element(int index)
    {
        var ((u, v), (height, slopeU, slopeV)) = (At(index), Interface[index]);
        var tangents = chart.Tangents(u, v, height);
        var normal = Point3.Cross(
            tangents.U + slopeU * tangents.Height,
            tangents.V + slopeV * tangents.Height
        );
        var length = normal.Length;
        // On the axis of a cylinder, which no plate reaches.
        if (length == 0)
            return (chart.Position(u, v, height), tangents.Height, 0);
        var into = Point3.Dot(normal, tangents.Height) < 0 ? -1 : 1;
        return (chart.Position(u, v, height), into / length * normal, length * cell * cell);
    }

    /// <summary>The mean of the normals by area, not of unit length.</summary>
    public Point3 MeanNormal()
    {
        var sum = default(Point3);
        for (var i = 0; i < Covered.Length; i++)
            if (Covered[i])
            {
                var (_, normal, area) = Element(i);
                sum += area * normal;
            }
        return sum;
    }

    /// <summary>For each cell, the squared distance in mm² to the nearest one that is not in a set.</summary>
    public float[] ToOutside(bool[] set) =>
        DistanceTransform.Squared(
            Array.ConvertAll(set, inside => !inside),
            new(Width, Height, 1),
            new(cell, cell, cell)
        );

    /// <summary>Smooths a value of cells, such as a height, and gives its slopes along u and v.</summary>
    /// <param name="values">For every cell.</param>
    /// <param name="of">The cells that have one.</param>
    /// <param name="support">How far, in mm, cells count.</param>
    public (double Value, double SlopeU, double SlopeV)[] Smoothed(
        double[] values,
        bool[] of,
        double support
    ) =>
        Array.ConvertAll(
            LocalQuadratic.Fit(values, of, Width, Widened(support) / cell),
            fit => (fit.Value, fit.SlopeX / cell, fit.SlopeY / cell)
        );

    private static (
        (double U, double V, double Height) Low,
        (double U, double V, double Height) High
    ) Extent(SubvoxelMask mask, PlateChart chart)
    {
        const double none = double.PositiveInfinity;
        var (low, high) = ((U: none, V: none, Height: none), (U: -none, V: -none, Height: -none));
        foreach (var point in mask.Points())
        {
            var (u, v, h) = chart.At(point);
            low = (Math.Min(low.U, u), Math.Min(low.V, v), Math.Min(low.Height, h));
            high = (Math.Max(high.U, u), Math.Max(high.V, v), Math.Max(high.Height, h));
        }
        return (low, high);
    }

    private double[] Entries()
    {
        var entries = new double[Width * Height];
        Parallel.For(0, entries.Length, i => entries[i] = Entry(At(i)));
        return entries;
    }

    // Where the column's longest stretch begins; NaN where it meets nothing. Specks below the plate are shorter.
    private double Entry((double U, double V) at)
    {
        var step = Math.Max(mask.Spacing.Smallest / 6, (heights.High - heights.Low) / MostSteps);
        var origin = mask.ToVoxels(chart.Position(at.U, at.V, 0));
        var along = mask.ToVoxels(chart.Position(at.U, at.V, 1)) - origin;
        var (entry, longest) = (double.NaN, 0);
        var (start, inside, last) = (0.0, 0, double.NegativeInfinity);
        // Not below the axis of a cylinder, where the other side begins.
        for (var h = Math.Max(heights.Low, chart.Lowest) + step / 2; h < heights.High; h += step)
        {
            if (!mask.Has(origin + h * along))
                continue;
            if (h - last > mask.Spacing.Largest)
                (start, inside) = (h - step / 2, 0);
            last = h;
            if (++inside > longest)
                (entry, longest) = (start, inside);
        }
        return entry;
    }

    // Cells well inside the outline, where holes are filled.
    private bool[] Core(bool[] met)
    {
        var outside = Components.Of(
            Array.ConvertAll(met, hit => !hit),
            new(Width, Height, 1),
            corners: false
        );
        bool[] filled = [.. met.Select((hit, i) => hit || outside[i] != outside[0])];
        var margin = ToOutside(filled);
        bool[] core = [.. met.Select((hit, i) => hit && margin[i] > Rim * Rim)];
        return core.Contains(true) ? core : met;
    }

    // Steps of coarse voxels even out over more of them.
    private double Widened(double support) =>
        support * Math.Max(1, 2.5 * mask.Spacing.Largest / Support);
}
