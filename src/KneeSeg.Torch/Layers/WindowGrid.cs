using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>How the windows of an attention lie on a map. Voxels are <c>[N, (D,) H, W, C]</c>.</summary>
internal sealed class WindowGrid
{
    private readonly AttentionOp op;
    private readonly long[] size;

    /// <param name="size">The map's, along each axis.</param>
    /// <param name="op">The windows' size, and whether they are shifted.</param>
    public WindowGrid(long[] size, AttentionOp op)
    {
        this.op = op;
        this.size = size;
        Window = Padding.Long(op.WindowOn(Array.ConvertAll(size, length => (int)length)));
        Count = [.. size.Zip(Window, (length, extent) => (length + extent - 1) / extent)];
        Shift = [.. Window.Zip(Count, (extent, n) => op.Shifted && n > 1 ? extent / 2 : 0)];
    }

    /// <summary>The extent of a window along each axis.</summary>
    public long[] Window { get; }

    /// <summary>How many windows there are along each axis; the last ones may reach beyond the map.</summary>
    public long[] Count { get; }

    /// <summary>By how many voxels windows are shifted along each axis; a single one has nothing to be shifted against.</summary>
    public long[] Shift { get; }

    /// <summary>The number of spatial axes.</summary>
    public int Axes => size.Length;

    /// <summary>The voxels of a window.</summary>
    public long Voxels => Window.Aggregate((a, b) => a * b);

    /// <summary>Whether windows are shifted along an axis.</summary>
    public bool IsShifted(int axis) => Shift[axis] > 0;

    /// <summary>The voxels of each window, <c>[N, (windows along D,) along H, along W, voxels, C]</c>.</summary>
    public Tensor Split(Tensor voxels)
    {
        // Libtorch counts axes from the last.
        var ends = size.Zip(Count.Zip(Window)).Reverse();
        long[] padding =
        [
            0,
            0,
            .. ends.SelectMany(end =>
                new[] { 0, end.Second.First * end.Second.Second - end.First }
            ),
        ];
        var padded = Moved(nn.functional.pad(voxels, padding), -1);
        return VoxelBlocks.Split(padded, Window).flatten(Axes + 1, 2 * Axes);
    }

    /// <summary>The inverse of <see cref="Split"/>, without the padding.</summary>
    public Tensor Join(Tensor windows)
    {
        var map = Moved(VoxelBlocks.Join(windows.unflatten(Axes + 1, Window)), 1);
        for (var axis = 0; axis < Axes; axis++)
            map = map.narrow(axis + 1, 0, size[axis]);
        return map.contiguous();
    }

    /// <summary>
    /// For each pair of a window's voxels, the row of their relative position in the table. In a window that shrank to the
    /// map voxels have the rows of the first ones of a whole window, as in the authors' code.
    /// </summary>
    public long[] RelativePositions()
    {
        var rows = new long[Voxels * Voxels];
        for (var query = 0; query < Voxels; query++)
        for (var key = 0; key < Voxels; key++)
            rows[query * Voxels + key] = RelativePosition(query, key);
        return rows;
    }

    /// <summary>
    /// A number for each voxel of a window that is the last along some axes, given as bits. Voxels whose numbers differ come
    /// from opposite sides of the map.
    /// </summary>
    public long[] Sides(int wrapped)
    {
        var sides = new long[Voxels];
        for (var voxel = 0; voxel < sides.Length; voxel++)
        {
            var at = (long)voxel;
            for (var axis = Axes - 1; axis >= 0; axis--)
            {
                var isBeyond = at % Window[axis] >= Window[axis] - Shift[axis];
                if ((wrapped >> axis & 1) == 1 && isBeyond)
                    sides[voxel] |= 1L << axis;
                at /= Window[axis];
            }
        }
        return sides;
    }

    private long RelativePosition(int query, int key)
    {
        var (row, step) = (0L, 1L);
        for (var axis = Axes - 1; axis >= 0; axis--)
        {
            var extent = op.Window[axis];
            row += (query % extent - key % extent + extent - 1) * step;
            step *= 2 * extent - 1;
            (query, key) = (query / extent, key / extent);
        }
        return row;
    }

    private Tensor Moved(Tensor voxels, int direction) =>
        Shift.All(by => by == 0)
            ? voxels
            : voxels.roll(
                [.. Shift.Select(by => direction * by)],
                [.. Enumerable.Range(1, Axes).Select(axis => (long)axis)]
            );
}
