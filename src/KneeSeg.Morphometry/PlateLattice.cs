using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Morphometry;

/// <summary>
/// Square cells over a chart, in rows along u. They lie at multiples of their width, so that plates measured in one chart
/// have the same cells, and a mirrored plate has mirrored ones.
/// </summary>
internal sealed class PlateLattice
{
    private readonly (int U, int V) first;

    private PlateLattice(double cell, (int U, int V) first, (int U, int V) last)
    {
        (Cell, this.first) = (cell, first);
        (Width, Height) = (last.U - first.U + 1, last.V - first.V + 1);
    }

    /// <summary>The width of a cell in mm.</summary>
    public double Cell { get; }

    /// <summary>Cells of a row, along u.</summary>
    public int Width { get; }

    /// <summary>Rows, along v.</summary>
    public int Height { get; }

    /// <summary>All cells.</summary>
    public int Count => Width * Height;

    /// <summary>Cells from one corner to another, and one more all around.</summary>
    public static PlateLattice Over(
        double cell,
        (double U, double V) low,
        (double U, double V) high
    ) =>
        new(
            cell,
            ((int)Math.Floor(low.U / cell) - 1, (int)Math.Floor(low.V / cell) - 1),
            ((int)Math.Ceiling(high.U / cell) + 1, (int)Math.Ceiling(high.V / cell) + 1)
        );

    /// <summary>A lattice of the same cells that has the other's, too.</summary>
    public PlateLattice Including(PlateLattice other) =>
        new(
            Cell,
            (Math.Min(first.U, other.first.U), Math.Min(first.V, other.first.V)),
            (
                Math.Max(first.U + Width, other.first.U + other.Width) - 1,
                Math.Max(first.V + Height, other.first.V + other.Height) - 1
            )
        );

    /// <summary>The coordinates of a cell's middle.</summary>
    public (double U, double V) At(int index)
    {
        var (column, row) = Place(index);
        return (column * Cell, row * Cell);
    }

    /// <summary>Which multiples of its width a cell lies at.</summary>
    public (int Column, int Row) Place(int index) =>
        (first.U + index % Width, first.V + index / Width);

    /// <summary>The cell at multiples of its width; -1 beyond the lattice.</summary>
    public int Index(int column, int row)
    {
        var (i, j) = (column - first.U, row - first.V);
        return (uint)i < (uint)Width && (uint)j < (uint)Height ? i + Width * j : -1;
    }

    /// <summary>The cell of coordinates; -1 beyond the lattice.</summary>
    public int Index(double u, double v) =>
        Index((int)Math.Floor(u / Cell + 0.5), (int)Math.Floor(v / Cell + 0.5));

    /// <summary>For each cell, the squared distance in mm² to the nearest one in a set.</summary>
    public float[] ToNearest(bool[] set) =>
        DistanceTransform.Squared(set, new(Width, Height, 1), new(Cell, Cell, Cell));

    /// <summary>For each cell, the squared distance in mm² to the nearest one that is not in a set.</summary>
    public float[] ToOutside(bool[] set) => ToNearest(Array.ConvertAll(set, inside => !inside));

    /// <summary>The set and the holes in it.</summary>
    public bool[] Filled(bool[] set)
    {
        var outside = Parts(Array.ConvertAll(set, inside => !inside));
        return [.. set.Select((inside, i) => inside || outside[i] != outside[0])];
    }

    /// <summary>The closing by a disc: what no disc of this radius in mm can cover without touching the set.</summary>
    public bool[] Closed(bool[] set, double radius)
    {
        var near = Array.ConvertAll(ToNearest(set), squared => squared <= radius * radius);
        return Array.ConvertAll(ToOutside(near), squared => squared > radius * radius);
    }

    /// <summary>The connected parts of a set.</summary>
    public Components Parts(bool[] set) =>
        Components.Of(set, new(Width, Height, 1), corners: false);

    /// <summary>Smooths a value of cells, such as a height, and gives its slopes along u and v.</summary>
    /// <param name="values">For every cell.</param>
    /// <param name="of">The cells that have one.</param>
    /// <param name="at">The cells for which it is wanted.</param>
    /// <param name="support">How far, in mm, cells count.</param>
    public (double Value, double SlopeU, double SlopeV)[] Smoothed(
        double[] values,
        bool[] of,
        bool[] at,
        double support
    ) =>
        Array.ConvertAll(
            LocalQuadratic.Fit(values, of, at, Width, support / Cell),
            fit => (fit.Value, fit.SlopeX / Cell, fit.SlopeY / Cell)
        );
}
