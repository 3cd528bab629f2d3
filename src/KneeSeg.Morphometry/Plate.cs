using KneeSeg.Imaging;

namespace KneeSeg.Morphometry;

/// <summary>A cartilage plate, measured at the cells of its bone interface.</summary>
public sealed class Plate
{
    // In mm²: smaller gaps are of single voxels.
    private const double SmallestDefect = 1;

    // Cells to either side.
    private const int Wide = 2;

    // In mm: the width of the cubes in which points of the joint surface are searched.
    private const double JointCube = 2;

    private readonly SubvoxelMask mask;
    private readonly PlateChart chart;
    private readonly PlateSurface? surface;

    // Of the cartilage on each cell, in mm³, where it is known without voxels.
    private readonly IReadOnlyList<double>? volumes;

    private Plate(
        string name,
        SubvoxelMask mask,
        SubvoxelMask? bone,
        PlateChart chart,
        PlateSurface? like,
        IReadOnlyList<double>? volumes = null
    )
    {
        (Name, this.mask, this.chart, this.volumes) = (name, mask, chart, volumes);
        if (!mask.Voxels.Contains(true))
            return;
        surface = new(mask, bone, chart, like);
        Cells = new PlateThickness(mask, surface).Cells();
        Center = CenterOf(Cells);
    }

    private Plate(Plate other) =>
        (Name, mask, chart, surface, volumes, Cells, Center) = (
            other.Name,
            other.mask,
            other.chart,
            other.surface,
            other.volumes,
            other.Cells,
            other.Center
        );

    /// <summary>Its name in the profile.</summary>
    public string Name { get; }

    /// <summary>The cells of its bone interface, covered or denuded; none for an empty mask.</summary>
    public IReadOnlyList<PlateCell> Cells { get; private init; } = [];

    /// <summary>Whether the interface is the face of labeled bone; otherwise it is inferred from the cartilage.</summary>
    public bool IsOnLabeledBone => surface?.IsLabeled == true;

    /// <summary>The subregions; null if they are omitted.</summary>
    internal PlateRegions? Regions { get; init; }

    /// <summary>Why there are no subregions; null if there are.</summary>
    internal string? RegionsOmitted { get; init; }

    /// <summary>The names of its subregions; none if they are omitted.</summary>
    public IReadOnlyList<string> RegionNames => Regions?.Names ?? [];

    /// <summary>The middle of its bone interface, in RAS+ mm.</summary>
    internal Point3 Center { get; private init; }

    /// <summary>The mean of the interface's normals, not of unit length.</summary>
    internal Point3 MeanNormal() =>
        Cells.Aggregate(default(Point3), (sum, cell) => sum + cell.Total * cell.Normal);

    /// <summary>From the labels' own space to that of the cells: for a later visit, the baseline's.</summary>
    internal Affine Motion { get; private init; } = Affine.Identity;

    /// <summary>The largest side of a voxel in mm.</summary>
    public double Resolution => mask.Spacing.Largest;

    /// <summary>Measures a plate.</summary>
    /// <param name="name">Its name in the profile.</param>
    /// <param name="mask">Its voxels.</param>
    /// <param name="bone">The voxels of its bone in the same cut; null without bone label.</param>
    /// <returns>Null for what is no cartilage plate, has no voxels, or no bone interface.</returns>
    public static Plate? Of(string name, SubvoxelMask mask, SubvoxelMask? bone = null) =>
        // Once is enough: a tilt of 10° that is left changes a mean thickness by 0.001 mm.
        PlateChart.Of(name, [.. mask.Points()]) switch
        {
            null => null,
            PlaneChart plane => new(
                name,
                mask,
                bone,
                plane.Turned(new PlateSurface(mask, null, plane).MeanNormal()),
                null
            ),
            var chart => new(name, mask, bone, chart, null),
        };

    /// <summary>A plate that is known without voxels.</summary>
    /// <param name="name">Its name in the profile.</param>
    /// <param name="cells">Its cells, whose coordinates in a chart are not yet known.</param>
    /// <param name="volumes">The volume in mm³ of the cartilage on each.</param>
    internal static Plate Of(
        string name,
        IReadOnlyList<PlateCell> cells,
        IReadOnlyList<double> volumes
    )
    {
        var chart = PlateChart.Of(name, [.. cells.Select(cell => cell.Position)])!;
        return new(name, SubvoxelMask.Nothing, null, chart, null, volumes)
        {
            Cells =
            [
                .. cells.Select(cell =>
                    cell with
                    {
                        At = (chart.At(cell.Position).U, chart.At(cell.Position).V),
                    }
                ),
            ],
            Center = CenterOf(cells),
        };
    }

    /// <summary>Measures another segmentation of the same plate at the same cells.</summary>
    /// <param name="other">Its voxels; null if it has none.</param>
    /// <param name="bone">The voxels of its bone in the same cut; null without bone label.</param>
    public Plate Again(SubvoxelMask? other, SubvoxelMask? bone = null) =>
        new(Name, other ?? SubvoxelMask.Nothing, bone, chart, surface)
        {
            Regions = Regions,
            RegionsOmitted = RegionsOmitted,
        };

    /// <summary>Measures another visit over this plate's total area of bone, in its regions.</summary>
    /// <param name="other">The visit's voxels, brought onto this plate.</param>
    /// <param name="bone">The voxels of its bone in the same cut; null without bone label.</param>
    /// <param name="motion">What brought them there.</param>
    internal Plate Later(SubvoxelMask other, SubvoxelMask? bone, Affine motion)
    {
        var later = Again(other, bone);
        var found = later.Cells.ToDictionary(cell => cell.Place);
        var known = Cells.Where(cell => cell.Total > 0).ToDictionary(cell => cell.Place);
        return new(later)
        {
            Motion = motion,
            Regions = Regions,
            RegionsOmitted = RegionsOmitted,
            Cells =
            [
                .. known.Values.Select(cell =>
                    found.GetValueOrDefault(cell.Place, cell.Bare()) with
                    {
                        Total = cell.Total,
                        Beyond = cell.Beyond,
                    }
                ),
                // Cartilage beyond the baseline's outline counts where it is.
                .. later
                    .Cells.Where(cell => cell.Thickness > 0 && !known.ContainsKey(cell.Place))
                    .Select(cell => cell with { Total = 0, Beyond = 0 }),
            ],
        };
    }

    /// <summary>The same with subregions.</summary>
    internal Plate Divided((PlateRegions? Regions, string? Omitted) by) =>
        new(this) { Regions = by.Regions, RegionsOmitted = by.Omitted };

    /// <summary>The chart's coordinates of a point, in mm.</summary>
    internal (double U, double V) At(Point3 point)
    {
        var (u, v, _) = chart.At(point);
        return (u, v);
    }

    /// <summary>The subregion of a place in the cartilage, by the normal that passes through it; null if they are omitted.</summary>
    public string? RegionAt(Point3 point) => Regions?.Names[Regions.At(Foot(point))];

    // Where the normal through a point starts. The slope hardly changes within a thickness, so one step is enough.
    private Point3 Foot(Point3 point)
    {
        var (u, v) = At(point);
        if (surface?.ElementAt(u, v) is not { } element)
            return point;
        var (position, normal) = element;
        return point - Point3.Dot(point - position, normal) * normal;
    }

    /// <summary>Measures it.</summary>
    public PlateMorphometry Measure() =>
        new(IsOnLabeledBone ? "label" : "inferred", Measures(), Defects())
        {
            RegionsOmitted = RegionsOmitted,
        };

    /// <summary>The cells of one subregion.</summary>
    public IReadOnlyList<PlateCell> CellsOf(string region) =>
        [.. Cells.Where(cell => Regions?.Names[Regions.At(cell.Position)] == region)];

    private IReadOnlyList<RegionMeasures> Measures()
    {
        if (Regions is not { } regions)
            return [RegionMeasures.Of("whole", Cells, Volumes(_ => 0, 1)[0])];
        var volumes = Volumes(regions.At, regions.Names.Count);
        var cells = Cells.ToLookup(cell => regions.At(cell.Position));
        RegionMeasures[] parts =
        [
            .. regions.Names.Select(
                (name, i) => RegionMeasures.Of(name, [.. cells[i]], volumes[i])
            ),
        ];
        return [RegionMeasures.Of("whole", Cells, parts), .. parts];
    }

    // In mm³, by the number of a point's region.
    private double[] Volumes(Func<Point3, int> regionOf, int count)
    {
        var sums = new double[count];
        if (volumes is not null)
        {
            foreach (var (cell, volume) in Cells.Zip(volumes))
                sums[regionOf(cell.Position)] += volume;
            return sums;
        }
        var voxels = new int[count];
        Parallel.ForEach(
            mask.Points(),
            point => Interlocked.Increment(ref voxels[regionOf(Foot(point))])
        );
        var voxel = Math.Abs(mask.Affine.Determinant);
        return Array.ConvertAll(voxels, number => voxel * number);
    }

    private List<Defect> Defects()
    {
        List<Defect> defects = [];
        if (surface is null)
            return defects;
        var bare = Cells
            .Where(cell => cell.Total > 0 && cell.Covered == 0)
            .ToDictionary(cell => cell.Place);
        foreach (var first in bare.Keys.ToArray())
        {
            List<PlateCell> part = [];
            var open = new Stack<(int Column, int Row)>([first]);
            while (open.TryPop(out var at))
                if (bare.Remove(at, out var cell))
                {
                    part.Add(cell);
                    open.Push((at.Column - 1, at.Row));
                    open.Push((at.Column + 1, at.Row));
                    open.Push((at.Column, at.Row - 1));
                    open.Push((at.Column, at.Row + 1));
                }
            var area = part.Sum(cell => cell.Total);
            if (area < SmallestDefect || !IsWide(part))
                continue;
            var middle = part.Aggregate(
                default(Point3),
                (sum, cell) => sum + cell.Total / area * cell.Position
            );
            defects.Add(new(area, RegionAt(middle), [middle.X, middle.Y, middle.Z]));
        }
        return [.. defects.OrderByDescending(defect => defect.Area)];
    }

    // A gap that is nowhere wider than two voxels is the raggedness of an outline.
    private static bool IsWide(List<PlateCell> part)
    {
        var places = part.Select(cell => cell.Place).ToHashSet();
        return part.Any(cell =>
            new[] { (-Wide, 0), (Wide, 0), (0, -Wide), (0, Wide) }.All(step =>
                places.Contains((cell.Place.Column + step.Item1, cell.Place.Row + step.Item2))
            )
        );
    }

    /// <summary>The mean thickness in mm over what is covered; null without cartilage.</summary>
    /// <param name="cells">Some of its cells.</param>
    public static double? MeanThickness(IReadOnlyList<PlateCell> cells) =>
        Ratio(cells.Sum(cell => cell.Area * cell.Thickness), cells.Sum(cell => cell.Covered));

    /// <summary>The mean distance in mm to the nearest point of the joint surface; null without cartilage.</summary>
    public double? MeanNearest()
    {
        PlateCell[] covered = [.. Cells.Where(cell => cell.Covered > 0)];
        if (covered is [])
            return null;
        var joint = Array.ConvertAll(covered, cell => cell.Position + cell.Smoothed * cell.Normal);
        var grid = new PointGrid(joint, JointCube);
        var apart = new double[covered.Length];
        Parallel.For(
            0,
            apart.Length,
            n => apart[n] = (joint[grid.Nearest(covered[n].Position)] - covered[n].Position).Length
        );
        return Ratio(
            covered.Zip(apart, (cell, one) => cell.Area * one).Sum(),
            covered.Sum(cell => cell.Covered)
        );
    }

    private static Point3 CenterOf(IReadOnlyList<PlateCell> cells)
    {
        var area = cells.Sum(cell => cell.Total);
        return cells.Aggregate(
            default(Point3),
            (sum, cell) => sum + cell.Total / area * cell.Position
        );
    }

    private static double? Ratio(double sum, double area) => area > 0 ? sum / area : null;
}

/// <summary>A piece of a plate's bone interface.</summary>
/// <param name="Place">Its column and row.</param>
/// <param name="At">Its coordinates across and down in the chart, in mm.</param>
/// <param name="Position">Its middle in RAS+ mm.</param>
/// <param name="Normal">The interface's unit normal into the joint.</param>
/// <param name="Area">Its area in mm².</param>
/// <param name="Total">How much total area of bone it stands for, in mm²: its own, or none outside of the plate.</param>
/// <param name="Covered">How much covered bone it stands for, in mm², more than its own where a plate tapers.</param>
/// <param name="Beyond">
/// How much more there is, in mm², where cartilage is too thin for a voxel; negative for a gap in that.
/// </param>
/// <param name="Thickness">The thickness of the cartilage along the normal in mm; 0 where there is none.</param>
/// <param name="Smoothed">The same, with the steps of voxels evened out over 3 mm.</param>
public readonly record struct PlateCell(
    (int Column, int Row) Place,
    (double U, double V) At,
    Point3 Position,
    Point3 Normal,
    double Area,
    double Total,
    double Covered,
    double Beyond,
    double Thickness,
    double Smoothed
)
{
    /// <summary>The same without cartilage.</summary>
    internal PlateCell Bare() => this with { Covered = 0, Thickness = 0, Smoothed = 0 };
}
