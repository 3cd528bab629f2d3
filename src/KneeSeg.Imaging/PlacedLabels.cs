namespace KneeSeg.Imaging;

/// <summary>
/// Labels aligned with an image's grid without resampling: reoriented if their axes have another order or direction, and
/// padded with background if their file covers only the segmented part. Labels on another lattice are refused.
/// </summary>
/// <param name="Labels">The labels on the grid; null if they are not on its lattice.</param>
/// <param name="Difference">Why not, as from <see cref="Grid.Difference" />; else null.</param>
/// <param name="Note">A note that they were reoriented; else null.</param>
public sealed record PlacedLabels(Volume<byte>? Labels, string? Difference, string? Note)
{
    /// <summary>Aligns labels with a grid.</summary>
    /// <param name="grid">The image's.</param>
    /// <param name="labels">On the same lattice, if they are this image's.</param>
    public static PlacedLabels On(Grid grid, Volume<byte> labels)
    {
        if (IsEmpty(labels))
            return new(new(grid, new byte[grid.Size.Count]), null, null);
        var order = AxisOrder.Nearest(labels.Grid.Affine, grid.Affine);
        var turned = order.Apply(labels.Grid);
        if (
            (labels.Grid.IsPart ? PartDifference(grid, turned) : grid.Difference(turned)) is { } why
        )
            return new(null, why, null);
        var ordered = order == AxisOrder.Unchanged ? labels : order.Apply(labels);
        var note =
            order == AxisOrder.Unchanged
                ? null
                : $"its axes are {AxisOrder.Codes(labels.Grid.Affine)} instead of {AxisOrder.Codes(grid.Affine)}; reoriented without resampling";
        // The labels' header may be rounded differently; the image's grid is used.
        if (!labels.Grid.IsPart)
            return new(ordered with { Grid = grid }, null, note);
        var (whole, outside) = Set(grid, ordered);
        return outside == 0
            ? new(whole, null, note)
            : new(null, $"has {outside:N0} labeled voxels outside the image", null);
    }

    /// <summary>The error for labels that are not on their image's lattice; else null.</summary>
    /// <param name="file">The labels' path.</param>
    /// <param name="image">The image's path.</param>
    public ProblemException? Problem(string file, string image) =>
        Difference is null
            ? null
            : new(
                ExitCode.Data,
                file,
                $"its grid differs from that of {Path.GetFileName(image)}: it {Difference}",
                "Draw, predict or resample the labels on the image's own grid"
            );

    /// <summary>
    /// Pads labels that cover only a part of the image with background, so that they include another volume on their lattice;
    /// others are returned as they are.
    /// </summary>
    /// <param name="labels">The labels.</param>
    /// <param name="other">The grid to include.</param>
    public static Volume<byte> Including(Volume<byte> labels, Grid other)
    {
        var grid = labels.Grid;
        if (!grid.IsPart || IsEmpty(labels))
            return grid.IsPart ? On(other, labels).Labels! : labels;
        var turned = AxisOrder.Nearest(other.Affine, grid.Affine).Apply(other);
        var first = FirstVoxel(grid, turned);
        int Before(int axis) => Math.Max(0, -first[axis]);
        int Length(int axis) =>
            Math.Max(grid.Size[axis], first[axis] + turned.Size[axis]) + Before(axis);
        var size = new Size3(Length(0), Length(1), Length(2));
        return
            PartDifference(grid, turned) is null
            && (double)size.X * size.Y * size.Z <= VoxelMemory.MaxVoxels
            ? Set(grid.Part(size, -Before(0), -Before(1), -Before(2)), labels).Whole
            : labels;
    }

    // 3D Slicer writes a single voxel for empty segmentations.
    private static bool IsEmpty(Volume<byte> labels) => labels.Grid.IsPart && labels.Voxels is [0];

    // How a part departs from the lattice of a grid, wherever it is.
    private static string? PartDifference(Grid grid, Grid part)
    {
        var first = FirstVoxel(grid, part);
        return grid.Part(part.Size, first[0], first[1], first[2]).Difference(part);
    }

    private static int[] FirstVoxel(Grid grid, Grid part)
    {
        var index = grid.Affine.Inverse().Apply(part.Affine.Origin);
        return
        [
            .. new[] { index.X, index.Y, index.Z }.Select(at =>
                (int)Math.Clamp(Math.Round(at), -VoxelMemory.MaxVoxels, VoxelMemory.MaxVoxels)
            ),
        ];
    }

    private static (Volume<byte> Whole, long Outside) Set(Grid grid, Volume<byte> part)
    {
        var (size, cut, first) = (grid.Size, part.Grid.Size, FirstVoxel(grid, part.Grid));
        var voxels = new byte[size.Count];
        var (outside, at) = (0L, 0);
        for (var k = 0; k < cut.Z; k++)
        for (var j = 0; j < cut.Y; j++)
        for (var i = 0; i < cut.X; i++)
        {
            if (part.Voxels[at++] is not (not 0 and var label))
                continue;
            var (x, y, z) = (i + first[0], j + first[1], k + first[2]);
            if (x >= 0 && y >= 0 && z >= 0 && x < size.X && y < size.Y && z < size.Z)
                voxels[x + size.X * (y + size.Y * z)] = label;
            else
                outside++;
        }
        return (new(grid, voxels), outside);
    }
}
