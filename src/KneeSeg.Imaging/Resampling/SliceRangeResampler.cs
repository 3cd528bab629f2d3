namespace KneeSeg.Imaging.Resampling;

/// <summary>
/// Streams maps from slice ranges to another grid, slice by slice, by trilinear interpolation: only a few slices are in
/// memory at once, however deep the volume is.
/// </summary>
public sealed class SliceRangeResampler
{
    private readonly Grid from;
    private readonly Grid to;
    private readonly AxisOrder order;
    private readonly SliceSampler sampler;
    private readonly (int First, int Last)[] needed;

    /// <summary>Prepares for two grids in one space.</summary>
    /// <param name="from">The maps' grid.</param>
    /// <param name="to">The target grid.</param>
    /// <param name="nearest">An axis of the maps along which nothing is interpolated; only of parallel grids.</param>
    public SliceRangeResampler(Grid from, Grid to, int? nearest = null)
    {
        (this.from, this.to) = (from, to);
        order = AxisOrder.Nearest(to.Affine, from.Affine);
        Ordered = order.Apply(to);
        sampler = Resampler.Sampler(from, Ordered, nearest);
        var map = from.Affine.Inverse() * Ordered.Affine;
        needed = [.. Enumerable.Range(0, Ordered.Size.Z).Select(z => SlicesFor(map, z))];
    }

    /// <summary>The target grid with its axes in the maps' order, whose slices are produced.</summary>
    public Grid Ordered { get; }

    /// <summary>Voxels of a slice of <see cref="Ordered" />.</summary>
    public int SliceLength => Ordered.Size.X * Ordered.Size.Y;

    /// <summary>Resamples.</summary>
    /// <param name="ranges">All slices, in order.</param>
    /// <param name="outside">Each map's value beyond the maps' field of view.</param>
    /// <returns>Every slice of <see cref="Ordered" /> in order, by map; valid until the next one is requested.</returns>
    public IEnumerable<float[][]> Slices(IEnumerable<SliceRange> ranges, float[] outside)
    {
        var result = Array.ConvertAll(outside, _ => new float[SliceLength]);
        var available = Array.ConvertAll(outside, _ => new ReadOnlyMemory<float>[from.Size.Z]);
        var kept = Array.ConvertAll(outside, _ => new Dictionary<int, float[]>());
        var plane = from.Size.X * from.Size.Y;
        var z = 0;
        foreach (var range in ranges)
        {
            for (var label = 0; label < available.Length; label++)
            for (var k = 0; k < range.Count; k++)
                available[label][range.First + k] = range.Maps[label].Slice(k * plane, plane);
            for (; z < needed.Length && needed[z].Last < range.First + range.Count; z++)
            {
                Parallel.For(
                    0,
                    available.Length,
                    label => sampler.Linear(available[label], z, outside[label], result[label])
                );
                yield return result;
            }
            var first = z < needed.Length ? needed[z..].Min(one => one.First) : int.MaxValue;
            for (var label = 0; label < available.Length; label++)
                Keep(available[label], range, first, kept[label]);
        }
    }

    /// <summary>Voxels in the order of <see cref="Ordered" />, on the target grid.</summary>
    public Volume<T> Turned<T>(T[] voxels)
        where T : unmanaged
    {
        Volume<T> ordered = new(Ordered, voxels);
        return (order == AxisOrder.Unchanged ? ordered : order.Inverse.Apply(ordered)) with
        {
            Grid = to,
        };
    }

    // Slices still needed are copied, into recycled buffers, before the range's memory is reused.
    private static void Keep(
        ReadOnlyMemory<float>[] slices,
        SliceRange range,
        int first,
        Dictionary<int, float[]> kept
    )
    {
        var free = new Stack<float[]>(kept.Where(one => one.Key < first).Select(one => one.Value));
        foreach (var k in kept.Keys.Where(k => k < first).ToArray())
            kept.Remove(k);
        for (var k = range.First; k < range.First + range.Count; k++)
            if (k < first)
                slices[k] = default;
            else
            {
                var copy = free.TryPop(out var old) ? old : new float[slices[k].Length];
                slices[k].CopyTo(copy);
                slices[k] = kept[k] = copy;
            }
    }

    // The range between the corners of a slice, at any angle.
    private (int First, int Last) SlicesFor(Affine map, int z)
    {
        double[] corners =
        [
            map.Apply(0, 0, z).Z,
            map.Apply(Ordered.Size.X - 1, 0, z).Z,
            map.Apply(0, Ordered.Size.Y - 1, z).Z,
            map.Apply(Ordered.Size.X - 1, Ordered.Size.Y - 1, z).Z,
        ];
        // As the sampler does it: to the nearest slice first, then between that and the next.
        int Lower(double slice) => (int)Math.Clamp(AxisSampling.Snapped(slice), 0, from.Size.Z - 1);
        return (Lower(corners.Min()), Math.Min(Lower(corners.Max()) + 1, from.Size.Z - 1));
    }
}

/// <summary>Consecutive slices along the third axis of several maps on one grid, such as one of each class.</summary>
/// <param name="First">Which slice is the first.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Maps">
/// Each map's voxels, the first axis fastest. Valid only until the next range is requested.
/// </param>
public readonly record struct SliceRange(int First, int Count, ReadOnlyMemory<float>[] Maps);
