using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KneeSeg.Kernels;

/// <summary>
/// A linear map that treats each axis by itself: nearest and linear upsampling, average pooling, and the gradients of all three,
/// which are the same with each axis transposed.
/// </summary>
internal sealed class Resampling
{
    private readonly Extent from;
    private readonly Extent to;
    private readonly Axis[] axes;

    private Resampling(Extent from, Extent to, Func<int, Axis> axis)
    {
        (this.from, this.to) = (from, to);
        axes = [axis(0), axis(1), axis(2)];
    }

    /// <summary>The size that it makes.</summary>
    public Extent Size => to;

    /// <summary>The gradient: sums over all that a voxel contributed to.</summary>
    public Resampling Transposed => new(to, from, axis => axes[axis].Transposed(from[axis]));

    /// <summary>Each voxel so many times along each axis.</summary>
    public static Resampling Nearest(Extent from, Extent factor) =>
        new(
            from,
            Extent.Of(axis => from[axis] * factor[axis]),
            axis => new(from[axis] * factor[axis], i => [(i / factor[axis], 1)])
        );

    /// <summary>Linear interpolation to so many times the voxels, optionally with aligned corners, as in PyTorch.</summary>
    public static Resampling Linear(Extent from, Extent factor, bool alignCorners)
    {
        var to = Extent.Of(axis => from[axis] * factor[axis]);
        return new(
            from,
            to,
            axis =>
                new(
                    to[axis],
                    i =>
                    {
                        var at = alignCorners
                            ? to[axis] == 1
                                ? 0
                                : i * (from[axis] - 1.0) / (to[axis] - 1)
                            : Math.Max(0, (i + 0.5) / factor[axis] - 0.5);
                        var low = Math.Min((int)at, from[axis] - 1);
                        return low == from[axis] - 1
                            ? [(low, 1)]
                            : [(low, 1 - (at - low)), (low + 1, at - low)];
                    }
                )
        );
    }

    /// <summary>Means of windows; padding is not counted.</summary>
    public static Resampling Average(Extent from, Window window) =>
        new(
            from,
            window.OutputSize(from),
            axis =>
                new(
                    window.OutputSize(from)[axis],
                    i =>
                    {
                        var (first, end) = window.Range(axis, i, from[axis]);
                        return
                        [
                            .. Enumerable
                                .Range(first, end - first)
                                .Select(at => (at, 1.0 / (end - first))),
                        ];
                    }
                )
        );

    /// <summary>Computes every channel.</summary>
    public unsafe void Run(IWorkers workers, Maps input, Maps output)
    {
        var streams = output.ExceedCaches;
        for (var channel = 0; channel < input.Count; channel++)
        {
            var read = input[channel];
            var written = output[channel];
            Slab.Run(
                workers,
                to.Depth,
                to.Height,
                [],
                (slab, _) => Run(slab, read, written, streams)
            );
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Run(Slab slab, float* input, float* output, bool streams)
    {
        var sum = Scratch.Of(from.Width + to.Width + 2 * Vectors.Lanes);
        var row = sum + (from.Width + Vectors.Lanes - 1) / Vectors.Lanes * Vectors.Lanes;
        var (last, isKnown) = ((-1, -1), false);
        for (var z = slab.Front; z < slab.Back; z++)
        for (var y = slab.Top; y < slab.Bottom; y++)
        {
            // Rows that are the same, as those of nearest upsampling, are computed once.
            var same = (axes[0].Class(z), axes[1].Class(y));
            if (!isKnown || same != last)
            {
                AddRows(input, z, y, sum);
                Across(sum, row);
                (last, isKnown) = (same, true);
            }
            var to = output + z * Size.Plane + (nint)y * Size.Width;
            for (var x = 0; x < Size.Width; x += Vectors.Lanes)
                Vectors.Store(Vector512.Load(row + x), to + x, Size.Width - x, streams);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void AddRows(float* input, int z, int y, float* sum)
    {
        new Span<float>(sum, from.Width).Clear();
        foreach (var (plane, weight) in axes[0].Terms(z))
        foreach (var (row, share) in axes[1].Terms(y))
        {
            var at = input + plane * from.Plane + (nint)row * from.Width;
            var factor = Vector512.Create((float)(weight * share));
            for (var x = 0; x < from.Width; x += Vectors.Lanes)
                Vectors.Store(
                    Vector512.FusedMultiplyAdd(
                        Vectors.Load(at + x, from.Width - x),
                        factor,
                        Vectors.Load(sum + x, from.Width - x)
                    ),
                    sum + x,
                    from.Width - x,
                    streams: false
                );
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Across(float* sum, float* row)
    {
        var axis = axes[2];
        for (var x = 0; x < to.Width; x++)
        {
            var value = 0f;
            for (var term = axis.Starts[x]; term < axis.Starts[x + 1]; term++)
                value += axis.Weights[term] * sum[axis.Indices[term]];
            row[x] = value;
        }
    }

    /// <summary>Of each index of the result, the indices that it reads, with their weights.</summary>
    private sealed class Axis
    {
        public Axis(int length, Func<int, (int Index, double Weight)[]> terms)
            : this([.. Enumerable.Range(0, length).Select(terms)]) { }

        private Axis((int Index, double Weight)[][] terms)
        {
            Starts = new int[terms.Length + 1];
            for (var i = 0; i < terms.Length; i++)
                Starts[i + 1] = Starts[i] + terms[i].Length;
            Indices = [.. terms.SelectMany(some => some.Select(one => one.Index))];
            Weights = [.. terms.SelectMany(some => some.Select(one => (float)one.Weight))];
            classes = new int[terms.Length];
            for (var i = 1; i < terms.Length; i++)
                classes[i] = terms[i].SequenceEqual(terms[i - 1]) ? classes[i - 1] : i;
        }

        private readonly int[] classes;

        public int[] Starts { get; }

        public int[] Indices { get; }

        public float[] Weights { get; }

        /// <summary>The first index with the same terms.</summary>
        public int Class(int index) => classes[index];

        public IEnumerable<(int Index, float Weight)> Terms(int index)
        {
            for (var term = Starts[index]; term < Starts[index + 1]; term++)
                yield return (Indices[term], Weights[term]);
        }

        public Axis Transposed(int length)
        {
            var terms = new List<(int, double)>[length];
            for (var i = 0; i < length; i++)
                terms[i] = [];
            for (var index = 0; index + 1 < Starts.Length; index++)
                foreach (var (read, weight) in Terms(index))
                    terms[read].Add((index, weight));
            return new([.. terms.Select(some => some.ToArray())]);
        }
    }
}
