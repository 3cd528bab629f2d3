namespace KneeSeg.Imaging;

/// <summary>
/// Takes maps that come slab by slab to another grid, slice by slice, by trilinear interpolation: only a few slices of
/// all maps are ever there at once, however deep the volume is.
/// </summary>
public sealed class SliceRangeResampler
{
    private readonly Grid from;
    private readonly Grid to;
    private readonly AxisOrder order;
    private readonly SliceSampler sampler;
    private readonly (int First, int Last)[] needed;

    /// <summary>Prepares for two grids in one space.</summary>
    /// <param name="from">Where the maps are.</param>
    /// <param name="to">Where they are wanted.</param>
    public SliceRangeResampler(Grid from, Grid to)
    {
        (this.from, this.to) = (from, to);
        order = AxisOrder.Nearest(to.Affine, from.Affine);
        Ordered = order.Apply(to);
        sampler = SliceSampler.Between(from, Ordered);
        var map = from.Affine.Inverse() * Ordered.Affine;
        needed = [.. Enumerable.Range(0, Ordered.Size.Z).Select(z => SlicesFor(map, z))];
    }

    /// <summary>The wanted grid with its axes in the order of the maps': the one whose slices come.</summary>
    public Grid Ordered { get; }

    /// <summary>Voxels of a slice of <see cref="Ordered" />.</summary>
    public int SliceLength => sampler.SliceLength;

    /// <summary>Resamples.</summary>
    /// <param name="slabs">All slices, in order.</param>
    /// <param name="outside">Each map's value beyond the maps' field of view.</param>
    /// <returns>Every slice of <see cref="Ordered" /> in order, by map; it holds until the next one is asked for.</returns>
    public IEnumerable<float[][]> Slices(IEnumerable<SliceRange> slabs, float[] outside)
    {
        var result = Array.ConvertAll(outside, _ => new float[SliceLength]);
        var there = Array.ConvertAll(outside, _ => new ReadOnlyMemory<float>[from.Size.Z]);
        var kept = Array.ConvertAll(outside, _ => new Dictionary<int, float[]>());
        var plane = from.Size.X * from.Size.Y;
        var z = 0;
        foreach (var slab in slabs)
        {
            for (var label = 0; label < there.Length; label++)
            for (var k = 0; k < slab.Count; k++)
                there[label][slab.First + k] = slab.Maps[label].Slice(k * plane, plane);
            for (; z < needed.Length && needed[z].Last < slab.First + slab.Count; z++)
            {
                Parallel.For(
                    0,
                    there.Length,
                    label => sampler.Linear(there[label], z, outside[label], result[label])
                );
                yield return result;
            }
            var first = z < needed.Length ? needed[z..].Min(one => one.First) : int.MaxValue;
            for (var label = 0; label < there.Length; label++)
                Keep(there[label], slab, first, kept[label]);
        }
    }

    /// <summary>Voxels in the order of <see cref="Ordered" />, on the wanted grid.</summary>
    public Volume<T> Turned<T>(T[] voxels)
        where T : unmanaged
    {
        Volume<T> ordered = new(Ordered, voxels);
        return (order == AxisOrder.Unchanged ? ordered : order.Inverse.Apply(ordered)) with
        {
            Grid = to,
        };
    }

    // What is wanted again is copied before the slab's memory is used for the next one; the copies' memory is used again.
    private static void Keep(
        ReadOnlyMemory<float>[] slices,
        SliceRange slab,
        int first,
        Dictionary<int, float[]> kept
    )
    {
        var free = new Stack<float[]>(kept.Where(one => one.Key < first).Select(one => one.Value));
        foreach (var k in kept.Keys.Where(k => k < first).ToArray())
            kept.Remove(k);
        for (var k = slab.First; k < slab.First + slab.Count; k++)
            if (k < first)
                slices[k] = default;
            else
            {
                var copy = free.TryPop(out var old) ? old : new float[slices[k].Length];
                slices[k].CopyTo(copy);
                slices[k] = kept[k] = copy;
            }
    }

    // Between the corners of a slice, whatever its angle; beyond the maps nothing is needed.
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
