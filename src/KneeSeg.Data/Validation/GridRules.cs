using KneeSeg.Imaging;
using static System.FormattableString;

namespace KneeSeg.Data.Validation;

/// <summary>
/// Plausible voxel sizes and extents of an image of one knee. Knee coils cover 120 to 200 mm; limits are wide, to avoid
/// false alarms.
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

    /// <summary>Warnings about an implausible grid.</summary>
    public static IEnumerable<QualityFlag> Warnings(Grid grid)
    {
        const string checkHeader = "Check the file's header against the scanner's protocol";
        var (size, spacing) = (grid.Size, grid.Spacing);
        var across = AxisOrder.Codes(grid.Affine).AsSpan().IndexOfAny('L', 'R');
        double Extent(int axis) => size[axis] * spacing[axis];
        int[] axes = [0, 1, 2];
        foreach (var axis in axes.Where(axis => size[axis] == 1))
            yield return Warning(
                "field-of-view",
                $"its axis {axis + 1} has one voxel",
                "Pass a volume, unless a single slice is intended"
            );
        if (
            spacing.Smallest < LeastVoxel
            || axes.Any(axis => size[axis] > 1 && spacing[axis] > MostVoxel)
        )
            yield return Warning(
                "spacing",
                $"its spacing {spacing} is implausible for a knee scan",
                checkHeader
            );
        if (Extent(across) > MostAcross)
            yield return Warning(
                "field-of-view",
                Invariant(
                    $"its field of view is {Extent(across):0} mm from left to right, enough for two knees"
                ),
                "Crop the image to one knee, or check the header"
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
            yield return Warning(
                "field-of-view",
                $"it is {string.Join(" and ", odd)}, which is implausible for a knee image",
                checkHeader
            );
    }

    private static QualityFlag Warning(string id, string what, string fix) =>
        new(id, FlagSeverity.Warning, what, fix);
}
