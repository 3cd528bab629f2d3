using KneeSeg.Imaging;
using static System.FormattableString;

namespace KneeSeg.Data;

/// <summary>
/// What the voxels of an image of one knee measure. Knee coils see 120 to 200 mm; limits are wide, since a doubt that is
/// often wrong is not read.
/// </summary>
public static class GridRules
{
    // Millimeters along any axis.
    private const double LeastVoxel = 0.1;
    private const double MostVoxel = 15;
    private const double LeastKnee = 40;
    private const double MostKnee = 320;

    // From left to right: two knees side by side take 300 and more.
    private const double MostAcross = 260;

    /// <summary>Everything that is odd about where an image's voxels lie.</summary>
    public static IEnumerable<DataWarning> Doubts(Grid grid)
    {
        const string checkHeader = "Check the file's header against the scanner's protocol";
        var (size, spacing) = (grid.Size, grid.Spacing);
        var across = grid.AxisCodes.AsSpan().IndexOfAny('L', 'R');
        double Extent(int axis) => size[axis] * spacing[axis];
        int[] axes = [0, 1, 2];
        foreach (var axis in axes.Where(axis => size[axis] == 1))
            yield return new(
                $"its axis {axis + 1} has one voxel",
                "Give a volume, unless a slice is meant"
            );
        if (
            spacing.Smallest < LeastVoxel
            || axes.Any(axis => size[axis] > 1 && spacing[axis] > MostVoxel)
        )
            yield return new($"its spacing of {spacing} is that of no scan of a knee", checkHeader);
        if (Extent(across) > MostAcross)
            yield return new(
                Invariant(
                    $"its field of view is {Extent(across):0} mm from left to right, which holds two knees"
                ),
                "Cut the image to one knee, or check the header"
            );
        string[] odd =
        [
            .. axes.Where(axis => size[axis] > 1)
                .Where(axis =>
                    Extent(axis) < LeastKnee || Extent(axis) > MostKnee && axis != across
                )
                .Select(axis => Invariant($"{Extent(axis):0.#} mm long along axis {axis + 1}")),
        ];
        if (odd is not [])
            yield return new(
                $"it is {string.Join(" and ", odd)}, which no image of a knee is",
                checkHeader
            );
    }
}
