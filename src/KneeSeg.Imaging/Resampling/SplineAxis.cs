namespace KneeSeg.Imaging.Resampling;

/// <summary>Which four coefficients each target voxel along one axis is made of, and how much of each.</summary>
internal sealed class SplineAxis
{
    // As scipy: what lies beyond no longer changes the spline by a digit of float32.
    private const int Repeats = 12;

    /// <summary>Source voxels along the axis, with those that are repeated.</summary>
    private readonly int count;

    /// <param name="count">Source voxels along the axis.</param>
    /// <param name="targets">Target voxels along it.</param>
    /// <param name="scale">Source voxels per target voxel, negative when they run against each other.</param>
    /// <param name="offset">The source index of the first target voxel.</param>
    public SplineAxis(int count, int targets, double scale, double offset)
    {
        this.count = count;
        IsInside = new bool[targets];
        Taps = new Tap[targets];
        for (var i = 0; i < targets; i++)
        {
            var index = offset + scale * i;
            IsInside[i] = AxisSampling.IsInside(index, count);
            Taps[i] = At(index, count);
        }
        IsWhole = Array.TrueForAll(Taps, tap => tap.Share == 0);
    }

    /// <summary>
    /// So many voxels over the same field of view, with the edge's voxels repeated before and after: as scipy.ndimage at order 3
    /// and mode nearest.
    /// </summary>
    public static SplineAxis Resized(int count, int targets)
    {
        if (count == targets)
            return new(count, targets, 1, 0);
        var step = (double)count / targets;
        return new(count + 2 * Repeats, targets, step, Repeats + (step - 1) / 2)
        {
            Extension = Repeats,
        };
    }

    /// <summary>How often the source's first and last voxel are repeated before the spline is made.</summary>
    public int Extension { get; private init; }

    /// <summary>Whether a target voxel is in the source's field of view.</summary>
    public bool[] IsInside { get; }

    /// <summary>By target voxel.</summary>
    public Tap[] Taps { get; }

    /// <summary>Whether every target voxel is one of the source's, so that nothing has to be interpolated.</summary>
    public bool IsWhole { get; }

    /// <summary>Whether, beyond that, each is itself.</summary>
    public bool IsIdentity =>
        IsWhole && Taps.Length == count && Taps.Index().All(tap => tap.Item.Middle == tap.Index);

    /// <summary>Where an index falls, the edge's voxel beyond the edges.</summary>
    public static Tap At(double index, int count)
    {
        var clamped = Math.Clamp(AxisSampling.Snapped(index), 0, count - 1);
        var middle = (int)clamped;
        return new(middle, (float)(clamped - middle), count);
    }

    /// <summary>A position between a voxel and the one after.</summary>
    /// <param name="Middle">The voxel at or before.</param>
    /// <param name="Share">The fractional part.</param>
    /// <param name="Count">Source voxels along the axis.</param>
    public readonly record struct Tap(int Middle, float Share, int Count)
    {
        /// <summary>The source voxel of each of four taps, mirrored at the edges.</summary>
        public int Source(int tap)
        {
            if (Count == 1)
                return 0;
            var period = 2 * (Count - 1);
            var index = (Middle + tap - 1 + period) % period;
            return index < Count ? index : period - index;
        }

        /// <summary>How much of it: the cubic B-spline.</summary>
        public float Weight(int tap) =>
            tap switch
            {
                0 => (1 - Share) * (1 - Share) * (1 - Share) / 6,
                1 => (4 - 3 * Share * Share * (2 - Share)) / 6,
                2 => (4 - 3 * (1 - Share) * (1 - Share) * (1 + Share)) / 6,
                _ => Share * Share * Share / 6,
            };
    }
}
