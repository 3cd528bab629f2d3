using System.Runtime.CompilerServices;

namespace KneeSeg.Kernels;

/// <summary>
/// The last planes that a kernel reaches, of every channel, padded with zeros, so that kernels know no borders: some rows of
/// cells (<see cref="Geometry"/>), the first of them at <see cref="firstRow"/>. It stays in the second-level cache, and is where
/// maps are changed while they are read.
/// </summary>
internal readonly unsafe struct Ring
{
    /// <summary>Zeros before each row; a whole vector, so that rows begin aligned.</summary>
    private const int Left = Vectors.Lanes;

    private readonly float* memory;
    private readonly int planes;
    private readonly int rows;
    private readonly int firstRow;

    /// <param name="memory">For every row of all planes and channels, <see cref="PitchOf"/> floats.</param>
    /// <param name="channels">Every phase counted.</param>
    /// <param name="planes">That a kernel reaches.</param>
    /// <param name="rows">That are kept.</param>
    /// <param name="width">The longest row of cells or answers.</param>
    /// <param name="firstRow">The first one, maybe before the map.</param>
    public Ring(float* memory, int channels, int planes, int rows, int width, int firstRow)
    {
        this.memory = memory;
        (this.planes, this.rows, this.firstRow) = (planes, rows, firstRow);
        Pitch = PitchOf(width);
        new Span<float>(memory, (int)(channels * planes * rows * Pitch)).Clear();
    }

    /// <summary>Floats from row to row.</summary>
    public nint Pitch { get; }

    /// <summary>Floats of a row with its zeros.</summary>
    public static nint PitchOf(int width) =>
        (width + Vectors.Lanes - 1) / Vectors.Lanes * Vectors.Lanes + 2 * Left;

    /// <summary>The first cell of a row of a plane of cells.</summary>
    public float* Row(int channel, int plane, int row) =>
        memory + ((channel * planes + (plane + planes) % planes) * (nint)rows + row) * Pitch + Left;

    /// <summary>Brings a plane of cells in.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="plane">The plane; those outside the map are left out.</param>
    /// <param name="cells">Of the map.</param>
    /// <param name="stride">Voxels of a cell.</param>
    /// <param name="row">Memory for one row of the map.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill<TSource>(TSource source, int plane, Extent cells, Extent stride, float* row)
        where TSource : struct, ISource
    {
        if (plane < 0 || plane >= cells.Depth)
            return;
        var size = source.Size;
        var phases = (int)stride.Voxels;
        for (var channel = 0; channel < source.Channels; channel++)
        for (var front = 0; front < stride.Depth; front++)
        for (var top = 0; top < stride.Height; top++)
        {
            var phase = channel * phases + (front * stride.Height + top) * stride.Width;
            var z = plane * stride.Depth + front;
            if (z >= size.Depth)
            {
                // What the ring had there is not of this plane.
                for (var left = 0; left < stride.Width; left++)
                    new Span<float>(
                        Row(phase + left, plane, 0) - Left,
                        (int)(rows * Pitch)
                    ).Clear();
                continue;
            }
            for (var r = Math.Max(0, -firstRow); r < rows; r++)
            {
                var y = (firstRow + r) * stride.Height + top;
                if (y >= size.Height)
                    break;
                var from = z * size.Plane + (nint)y * size.Width;
                if (stride.Width == 1)
                    Read(source, channel, from, size.Width, Row(phase, plane, r));
                else
                    Deal(source, channel, from, size.Width, stride.Width, phase, plane, r, row);
            }
        }
    }

    /// <summary>Deals a row out to the phases.</summary>
    private void Deal<TSource>(
        TSource source,
        int channel,
        nint from,
        int width,
        int stride,
        int phase,
        int plane,
        int r,
        float* row
    )
        where TSource : struct, ISource
    {
        Read(source, channel, from, width, row);
        for (var left = 0; left < stride; left++)
        {
            var to = Row(phase + left, plane, r);
            for (var x = left; x < width; x += stride)
                *to++ = row[x];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Read<TSource>(TSource source, int channel, nint from, int width, float* to)
        where TSource : struct, ISource
    {
        for (var x = 0; x < width; x += Vectors.Lanes)
            Vectors.Store(
                source.Read(channel, from + x, width - x),
                to + x,
                Vectors.Lanes,
                streams: false
            );
    }
}
