using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>
/// The bone interface of a plate: where columns of a chart leave the labeled bone for the plate, or, without bone label,
/// first meet the plate. The steps of voxels are smoothed away: in the position of the interface, not in the mask, which
/// would thin its margin.
/// </summary>
internal sealed class PlateSurface
{
    /// <summary>The radius in mm of the disc that closes the covered interface to the total one.</summary>
    public const double ClosingRadius = 5;

    // Lengths in mm. A column at the margin may meet the plate's side wall, which is found by its distance from the
    // interface that the inner part shows.
    private const double FinestCell = 0.25;
    private const double Rim = 2;
    private const double InnerSupport = 5;
    private const double Support = 3;
    private const double Reach = 1;
    private const int Rounds = 2;
    private const double FaceReach = 3;

    // So many voxels may be unlabeled between bone and cartilage.
    private const double BoneGap = 1.5;

    // Of a mask that lies askew in a huge volume; a femur's has a tenth.
    private const double MostCells = 1e6;
    private const double MostSteps = 4000;

    private readonly SubvoxelMask mask;
    private readonly SubvoxelMask? bone;
    private readonly PlateChart chart;
    private readonly (double Low, double High) heights;

    /// <summary>Finds the interface.</summary>
    /// <param name="mask">The plate's voxels; at least one.</param>
    /// <param name="bone">The voxels of its bone in the same cut; null without bone label.</param>
    /// <param name="chart">The chart.</param>
    /// <param name="like">A surface whose cells are measured, too; null for none.</param>
    public PlateSurface(
        SubvoxelMask mask,
        SubvoxelMask? bone,
        PlateChart chart,
        PlateSurface? like = null
    )
    {
        (this.mask, this.bone, this.chart) = (mask, bone, chart);
        var (low, high) = Extent(mask, chart);
        var voxel = mask.Spacing.Largest;
        heights = (low.Height - 2 * voxel, high.Height + voxel);
        var cell = Math.Max(
            Math.Max(FinestCell, 0.8 * mask.Spacing.Smallest),
            Math.Sqrt((high.U - low.U) * (high.V - low.V) / MostCells)
        );
        var around = voxel + ClosingRadius + cell;
        Lattice = PlateLattice.Over(
            like?.Lattice.Cell ?? cell,
            (low.U - around, low.V - around),
            (high.U + around, high.V + around)
        );
        if (like is not null)
            Lattice = Lattice.Including(like.Lattice);

        var entries = Entries();
        var met = Array.ConvertAll(entries, double.IsFinite);
        Core = WithoutWall(met, entries, Rim, InnerSupport, mask.Spacing.Largest);
        for (var round = 0; round < Rounds; round++)
            Core = WithoutWall(Core, entries, Rim / 2, Support, 0.75 * VoxelAlong());
        Around = Lattice.Closed(
            Lattice.Filled(
                Array.ConvertAll(Lattice.ToNearest(Core), squared => squared <= Reach * Reach)
            ),
            ClosingRadius
        );
        Interface = Smoothed(entries, Core, Around, Support);
        Extrapolate();
        if (bone is not null)
            Settle(entries);
    }

    /// <summary>The cells.</summary>
    public PlateLattice Lattice { get; }

    /// <summary>Whether it is the face of labeled bone.</summary>
    public bool IsLabeled { get; private set; }

    /// <summary>Which cells have cartilage for certain; at the margin there may be more.</summary>
    public bool[] Core { get; }

    /// <summary>These, what they surround, and a margin: where the interface is known.</summary>
    public bool[] Around { get; }

    /// <summary>The interface's height at every cell around, and its slopes along u and v.</summary>
    public (double Height, double SlopeU, double SlopeV)[] Interface { get; }

    /// <summary>The interface at a cell: its point, the unit normal into the joint, and the cell's area in mm².</summary>
    public (Point3 Position, Point3 Normal, double Area) Element(int index)
    {
        var ((u, v), (height, slopeU, slopeV)) = (Lattice.At(index), Interface[index]);
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
        return (
            chart.Position(u, v, height),
            into / length * normal,
            length * Lattice.Cell * Lattice.Cell
        );
    }

    /// <summary>The interface at the cell of coordinates; null where it is not known.</summary>
    public (Point3 Position, Point3 Normal)? ElementAt(double u, double v)
    {
        if (Lattice.Index(u, v) is not (>= 0 and var index) || !Around[index])
            return null;
        var (position, normal, _) = Element(index);
        return (position, normal);
    }

    /// <summary>The mean of the normals by area, not of unit length.</summary>
    public Point3 MeanNormal()
    {
        var sum = default(Point3);
        for (var i = 0; i < Core.Length; i++)
            if (Core[i])
            {
                var (_, normal, area) = Element(i);
                sum += area * normal;
            }
        return sum;
    }

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
        var entries = new double[Lattice.Count];
        Parallel.For(0, entries.Length, i => entries[i] = Entry(Lattice.At(i)));
        return entries;
    }

    // Where the column's longest stretch begins; NaN where it meets nothing. Specks below the plate are shorter.
    private double Entry((double U, double V) at)
    {
        var (step, origin, along) = Column(at);
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

    private (double Step, Point3 Origin, Point3 Along) Column((double U, double V) at)
    {
        var origin = mask.ToVoxels(chart.Position(at.U, at.V, 0));
        return (
            Math.Max(mask.Spacing.Smallest / 6, (heights.High - heights.Low) / MostSteps),
            origin,
            mask.ToVoxels(chart.Position(at.U, at.V, 1)) - origin
        );
    }

    // The cells that are met at most so far above what those well inside the outline show.
    private bool[] WithoutWall(
        bool[] cells,
        double[] entries,
        double rim,
        double support,
        double tolerance
    )
    {
        var margin = Lattice.ToOutside(Lattice.Filled(cells));
        bool[] inner = [.. cells.Select((one, i) => one && margin[i] > rim * rim)];
        var fit = Smoothed(entries, inner.Contains(true) ? inner : cells, cells, support);
        bool IsWall(int i) =>
            entries[i] - fit[i].Value
            > tolerance * (1 + (Math.Abs(fit[i].SlopeU) + Math.Abs(fit[i].SlopeV)) / 2);
        return [.. cells.Select((one, i) => one && !IsWall(i))];
    }

    // Beyond the core the interface is continued.
    private void Extrapolate()
    {
        var apart = Lattice.ToNearest(Core);
        var farthest = 0.0;
        for (var i = 0; i < Around.Length; i++)
            if (Around[i])
                farthest = Math.Max(farthest, Math.Sqrt(apart[i]));
        var heights = Array.ConvertAll(Interface, one => one.Height);
        // A fit sees a ring of what is around, or it is no better than a guess.
        for (var near = Support / 2; near < farthest; near *= 2)
        {
            var wider = Smoothed(heights, Core, Around, 4 * near);
            for (var i = 0; i < Around.Length; i++)
                if (Around[i] && apart[i] > near * near)
                    Interface[i] = wider[i];
        }
    }

    // Onto the face of the labeled bone, if most of the cartilage lies on it.
    private void Settle(double[] entries)
    {
        var faces = new double[Lattice.Count];
        Parallel.For(0, faces.Length, i => faces[i] = Around[i] ? Face(i) : double.NaN);
        var (on, all) = (0, 0);
        for (var i = 0; i < faces.Length; i++)
            if (Core[i])
            {
                all++;
                if (Math.Abs(entries[i] - faces[i]) < BoneGap * mask.Spacing.Largest)
                    on++;
                else
                    faces[i] = double.NaN;
            }
        IsLabeled = 2 * on > all;
        if (!IsLabeled)
            return;
        var known = Array.ConvertAll(faces, double.IsFinite);
        var labeled = Smoothed(faces, known, known, Support);
        for (var i = 0; i < Around.Length; i++)
            if (known[i])
                Interface[i] = labeled[i];
    }

    // Where a column leaves the bone, nearest to where the interface seems to be; NaN where it doesn't.
    private double Face(int index)
    {
        var (step, origin, along) = Column(Lattice.At(index));
        var expected = Interface[index].Height;
        var (face, wasBone) = (double.NaN, false);
        for (var h = expected - FaceReach; h < expected + FaceReach; h += step)
        {
            var isBone = bone!.Has(origin + h * along);
            var end = h - step / 2;
            if (wasBone && !isBone && !(Math.Abs(end - expected) >= Math.Abs(face - expected)))
                face = end;
            wasBone = isBone;
        }
        return face;
    }

    // The height of a voxel in a column through the middle, in mm.
    private double VoxelAlong()
    {
        var (_, _, along) = Column(Lattice.At(Lattice.Count / 2 + Lattice.Width / 2));
        return 1 / Math.Max(Math.Max(Math.Abs(along.X), Math.Abs(along.Y)), Math.Abs(along.Z));
    }

    // Steps of coarse voxels even out over more of them.
    private (double Value, double SlopeU, double SlopeV)[] Smoothed(
        double[] values,
        bool[] of,
        bool[] at,
        double support
    ) =>
        Lattice.Smoothed(
            values,
            of,
            at,
            support * Math.Max(1, 2.5 * mask.Spacing.Largest / Support)
        );
}
