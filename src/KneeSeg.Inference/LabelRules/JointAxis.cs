using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Inference.LabelRules;

/// <summary>
/// The axis of a knee from side to side, from the middle of one tibial plate to that of the other, so that it follows a knee
/// that lies oblique in the scanner.
/// </summary>
internal sealed class JointAxis
{
    // In mm: plates of a child's knee are farther apart, the halves of an adult's plate less.
    private const double LeastApart = 20;

    // Cosine of the largest angle to the scanner's axis.
    private const double LeastAcross = 0.8;

    // A plate has at least this share of the other's voxels, and its parts this share of its largest part's.
    private const double LeastShare = 0.2;

    // Two plates take two or three.
    private const int MostRounds = 20;

    private readonly Grid grid;
    private readonly Point3 middle;
    private readonly Point3 right;

    private JointAxis(Grid grid, Point3 toLeft, Point3 toRight)
    {
        var across = toRight - toLeft;
        (this.grid, middle, right) = (grid, 0.5 * (toLeft + toRight), 1 / across.Length * across);
    }

    /// <summary>How far to the subject's right of the middle of the joint a voxel is, in mm.</summary>
    public double Right(int voxel) => Point3.Dot(At(grid, voxel) - middle, right);

    /// <summary>Finds the axis; the tibial plates' first, else that of another structure.</summary>
    /// <returns>Null where no structure has two parts side by side.</returns>
    public static JointAxis? Of(Grid grid, IEnumerable<SidedPart> parts) =>
        parts
            .GroupBy(part => part.Structure)
            .OrderBy(all => all.Key.Name.StartsWith("tibial") ? 0 : 1)
            .Select(all => Between(grid, [.. all]))
            .FirstOrDefault(axis => axis is not null);

    // Two clusters of voxels by their distance (2-means), begun with the left and the right half.
    private static JointAxis? Between(Grid grid, SidedPart[] parts)
    {
        var largest = parts.Max(part => part.Voxels.Count);
        Point3[] points =
        [
            .. parts
                .Where(part => part.Voxels.Count >= LeastShare * largest)
                .SelectMany(part => part.Voxels)
                .Select(voxel => At(grid, voxel)),
        ];
        var mean = Mean(points);
        var isRight = Array.ConvertAll(points, point => point.X > mean.X);
        for (var round = 0; round < MostRounds; round++)
        {
            Point3[] onRight = [.. points.Where((_, i) => isRight[i])];
            Point3[] onLeft = [.. points.Where((_, i) => !isRight[i])];
            if (
                Math.Min(onRight.Length, onLeft.Length)
                <= LeastShare * Math.Max(onRight.Length, onLeft.Length)
            )
                return null;
            var (left, right) = (Mean(onLeft), Mean(onRight));
            var next = Array.ConvertAll(
                points,
                point => (point - right).Length < (point - left).Length
            );
            if (!next.SequenceEqual(isRight))
            {
                isRight = next;
                continue;
            }
            var across = right - left;
            return across.Length >= LeastApart && across.X >= LeastAcross * across.Length
                ? new(grid, left, right)
                : null;
        }
        return null;
    }

    private static Point3 Mean(Point3[] points) =>
        new(points.Average(p => p.X), points.Average(p => p.Y), points.Average(p => p.Z));

    private static Point3 At(Grid grid, int voxel)
    {
        var (rest, x) = Math.DivRem(voxel, grid.Size.X);
        var (z, y) = Math.DivRem(rest, grid.Size.Y);
        return grid.Affine.Apply(x, y, z);
    }
}

/// <summary>A connected part of a structure that is both medial and lateral, whichever of the two labels its voxels have.</summary>
/// <param name="Structure">The structure.</param>
/// <param name="Voxels">Their indices in the volume.</param>
internal sealed record SidedPart(SidedStructure Structure, IReadOnlyList<int> Voxels)
{
    /// <summary>The parts of a structure.</summary>
    public static IReadOnlyList<SidedPart> In(Volume<byte> volume, SidedStructure structure)
    {
        var box = VoxelBox
            .Around(volume, structure.Medial)
            .Union(VoxelBox.Around(volume, structure.Lateral));
        if (box.IsEmpty)
            return [];
        var parts = Components.Of(
            LabelRegion.Mask(volume, box, structure.Has),
            box.Size,
            corners: true
        );
        List<int>[] voxels = [.. parts.Sizes.Select(size => new List<int>((int)size))];
        LabelRegion.ForEach(
            volume,
            box,
            (at, i) =>
            {
                if (parts[i] is >= 0 and var part)
                    voxels[part].Add(at);
            }
        );
        return [.. voxels.Select(one => new SidedPart(structure, one))];
    }
}
