namespace KneeSeg.Imaging;

/// <summary>
/// A permutation of axes with flips: reorients a volume without resampling. Axis <c>a</c> of the result
/// runs along axis <c>this[a].Source</c> of the original, backwards if <c>this[a].Flip</c>.
/// </summary>
/// <param name="X">What the result's first axis runs along.</param>
/// <param name="Y">What its second axis runs along.</param>
/// <param name="Z">What its third axis runs along.</param>
public readonly record struct AxisOrder(
    AxisOrder.AxisSource X,
    AxisOrder.AxisSource Y,
    AxisOrder.AxisSource Z
)
{
    private const int Tile = 32;
    private static readonly (int, int, int)[] Permutations =
    [
        (0, 1, 2),
        (0, 2, 1),
        (1, 0, 2),
        (1, 2, 0),
        (2, 0, 1),
        (2, 1, 0),
    ];

    /// <summary>Every axis where it was.</summary>
    public static AxisOrder Unchanged { get; } = new(new(0, false), new(1, false), new(2, false));

    /// <summary>One axis of the original and the direction along it.</summary>
    public readonly record struct AxisSource(int Source, bool Flip);

    /// <summary>What an axis of the result, 0 to 2, runs along.</summary>
    public AxisSource this[int axis] =>
        axis switch
        {
            0 => X,
            1 => Y,
            2 => Z,
            _ => throw new ArgumentOutOfRangeException(nameof(axis)),
        };

    /// <summary>The order that gives back the original.</summary>
    public AxisOrder Inverse
    {
        get
        {
            var order = this;
            AxisSource From(int source) =>
                order.X.Source == source ? new(0, order.X.Flip)
                : order.Y.Source == source ? new(1, order.Y.Flip)
                : new(2, order.Z.Flip);
            return new(From(0), From(1), From(2));
        }
    }

    /// <summary>The order whose axes run nearest to those of a target, for oblique axes too.</summary>
    /// <param name="original">The steps of the current axes.</param>
    /// <param name="target">The steps of the target axes, in the same space.</param>
    public static AxisOrder Nearest(Affine original, Affine target)
    {
        double Cosine(int axis, int source)
        {
            var (wanted, given) = (target.Step(axis), original.Step(source));
            return Point3.Dot(wanted, given) / (wanted.Length * given.Length);
        }
        double Fit((int X, int Y, int Z) p) =>
            Math.Abs(Cosine(0, p.X)) + Math.Abs(Cosine(1, p.Y)) + Math.Abs(Cosine(2, p.Z));
        AxisSource Along(int axis, int source) => new(source, Cosine(axis, source) < 0);

        var (x, y, z) = Permutations.MaxBy(Fit);
        return new(Along(0, x), Along(1, y), Along(2, z));
    }

    /// <summary>The order whose axes run nearest to codes such as <c>PIR</c>.</summary>
    public static AxisOrder Towards(Affine original, string codes) =>
        Nearest(original, Grid.Centered(new(1, 1, 1), new(1, 1, 1), codes).Affine);

    /// <summary>
    /// Where each axis runs to, the nearest of Right, Left, Anterior, Posterior, Superior, Inferior:
    /// <c>PIR</c> for a volume in model orientation.
    /// </summary>
    public static string Codes(Affine affine)
    {
        var order = Nearest(Affine.Identity, affine);
        return string.Concat(Code(order.X), Code(order.Y), Code(order.Z));
    }

    /// <summary>The grid of the reoriented volume: the same voxels at the same positions, in another order.</summary>
    public Grid Apply(Grid grid)
    {
        var origin = grid.Affine.Origin;
        Point3 Turn(AxisSource run)
        {
            var step = grid.Affine.Step(run.Source);
            if (!run.Flip)
                return step;
            origin += (grid.Size[run.Source] - 1) * step;
            return -1 * step;
        }
        var (x, y, z) = (Turn(X), Turn(Y), Turn(Z));
        var size = new Size3(grid.Size[X.Source], grid.Size[Y.Source], grid.Size[Z.Source]);
        return new(size, Affine.FromColumns(x, y, z, origin));
    }

    /// <summary>The reoriented volume.</summary>
    public Volume<T> Apply<T>(Volume<T> volume)
        where T : unmanaged
    {
        var voxels = GC.AllocateUninitializedArray<T>(volume.Voxels.Length);
        return new(Apply(volume, voxels), voxels);
    }

    /// <summary>Reorients a volume into given memory.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="target">Receives the voxels.</param>
    /// <returns>Their grid.</returns>
    public Grid Apply<T>(Volume<T> volume, Memory<T> target)
        where T : unmanaged
    {
        var grid = Apply(volume.Grid);
        Copy(volume.Voxels, volume.Grid.Size, target, grid.Size);
        return grid;
    }

    private static char Code(AxisSource run) => (run.Flip ? "LPI" : "RAS")[run.Source];

    private void Copy<T>(T[] source, Size3 sourceSize, Memory<T> target, Size3 size)
        where T : unmanaged
    {
        int[] sourceStrides = [1, sourceSize.X, sourceSize.X * sourceSize.Y];
        int[] strides = [1, size.X, size.X * size.Y];
        var start = 0;
        Span<int> reads = stackalloc int[3];
        for (var axis = 0; axis < 3; axis++)
        {
            var run = this[axis];
            reads[axis] = run.Flip ? -sourceStrides[run.Source] : sourceStrides[run.Source];
            start += run.Flip ? (size[axis] - 1) * sourceStrides[run.Source] : 0;
        }

        // Tiles of the axis that is fastest in the source against the one fastest in the target keep both in cache.
        var fast = Inverse.X.Source is var f and not 0 ? f : 1;
        var slow = 3 - fast;
        var (readX, readFast, readSlow) = (reads[0], reads[fast], reads[slow]);
        Parallel.For(
            0,
            size[slow],
            s =>
            {
                var voxels = target.Span;
                for (var tile = 0; tile < size[fast]; tile += Tile)
                for (var tileX = 0; tileX < size.X; tileX += Tile)
                for (var j = tile; j < Math.Min(tile + Tile, size[fast]); j++)
                {
                    var from = start + s * readSlow + j * readFast + tileX * readX;
                    var to = s * strides[slow] + j * strides[fast] + tileX;
                    var end = to + Math.Min(Tile, size.X - tileX);
                    for (; to < end; to++, from += readX)
                        voxels[to] = source[from];
                }
            }
        );
    }
}
