namespace KneeSeg.Imaging;

/// <summary>
/// Labels brought onto an image's grid without a change of value: turned where their axes run in another order or
/// direction, and set into background where their file has only the part of the image that was segmented. Another
/// lattice would need resampling, which is never done unasked.
/// </summary>
/// <param name="Labels">The labels on the grid; null where they can't be brought there.</param>
/// <param name="Difference">Why not, in words such as <see cref="Grid.Difference" /> has; null where they are there.</param>
/// <param name="Note">That they were turned, in words; null where they were not.</param>
public sealed record PlacedLabels(Volume<byte>? Labels, string? Difference, string? Note)
{
    /// <summary>Brings labels onto a grid.</summary>
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
                : $"its axes run to {labels.Grid.AxisCodes}, not to {grid.AxisCodes}; it is turned without loss";
        // The labels' header may be rounded otherwise than the image's: the image's counts.
        if (!labels.Grid.IsPart)
            return new(ordered with { Grid = grid }, null, note);
        var (whole, outside) = Set(grid, ordered);
        return outside == 0
            ? new(whole, null, note)
            : new(null, $"has {outside:N0} labeled voxels outside the image", null);
    }

    /// <summary>What to say where they can't be brought onto their image's grid; null where they are on it.</summary>
    /// <param name="file">The labels' path.</param>
    /// <param name="image">The image's path.</param>
    public ProblemException? Problem(string file, string image) =>
        Difference is null
            ? null
            : new(
                ExitCode.Data,
                file,
                $"its grid is not that of {Path.GetFileName(image)}: it {Difference}",
                "Draw, predict or resample the labels on the image's own grid"
            );

    /// <summary>
    /// Labels whose file has only a part of the image, with as much background around them as another volume on their
    /// lattice needs; all others as they are.
    /// </summary>
    /// <param name="labels">The labels.</param>
    /// <param name="other">What their grid is to include.</param>
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

    // 3D Slicer writes one voxel where no segment has any: a file can't have none.
    private static bool IsEmpty(Volume<byte> labels) => labels.Grid.IsPart && labels.Voxels is [0];

    // How voxels between another's voxels depart from their lattice, however far away they are.
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
