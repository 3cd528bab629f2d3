using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels;

/// <summary>
/// A convolution of one image with few channels: forward, and the gradients of input, weights and bias. The input is called its
/// fine side, the output its coarse side; a transposed convolution is the gradient of the fine side.
/// </summary>
/// <remarks>
/// All of it is one sweep over the planes, which reads each map once: rows are copied into rings, and what is asked for is computed
/// while they are in the cache.
/// </remarks>
internal sealed unsafe class Convolution(Geometry geometry)
{
    // Floats of the rings of a band of rows, which stay in the second-level cache.
    private const int Cached = 96 << 10;

    // A band's fewest rows: those that are computed at once.
    private const int FewestRows = 8;

    public Geometry Geometry => geometry;

    /// <summary>Numbers that <see cref="Backward"/> adds up: of the kernel's gradient in all phases, and of the coarse side's sums.</summary>
    private int GradientSums => geometry.PhasedWeights + geometry.Outputs;

    /// <summary>coarse = conv(fine) + bias.</summary>
    /// <param name="sums">Gets Σy and Σy² of each output added; empty where no norm needs them.</param>
    public void Forward<TSource, TSink>(
        IWorkers workers,
        TSource fine,
        float* kernel,
        float* bias,
        TSink coarse,
        Span<double> sums
    )
        where TSource : struct, ISource
        where TSink : struct, ISink =>
        Sweep(workers, fine, default(None), Forth(kernel), null, bias, coarse, default(None), sums);

    /// <summary>fine = the transposed convolution of coarse, + bias.</summary>
    public void Transposed<TSource>(
        IWorkers workers,
        TSource coarse,
        float* kernel,
        float* bias,
        Stored fine
    )
        where TSource : struct, ISource =>
        Sweep(workers, default(None), coarse, null, Back(kernel), bias, default(None), fine, []);

    /// <summary>The gradients of a convolution in one sweep.</summary>
    /// <param name="fine">What it read.</param>
    /// <param name="coarse">The gradient of its output.</param>
    /// <param name="ofFine">Gets the gradient of what it read; null where none is needed.</param>
    /// <param name="ofKernel">Gets the gradient of the kernel.</param>
    /// <param name="ofBias">Gets the gradient of the bias.</param>
    public void Backward<TFine, TCoarse>(
        IWorkers workers,
        TFine fine,
        TCoarse coarse,
        float* kernel,
        Stored? ofFine,
        Span<double> ofKernel,
        Span<double> ofBias
    )
        where TFine : struct, ISource
        where TCoarse : struct, ISource
    {
        var sums = new double[GradientSums];
        if (ofFine is { } sink)
            Sweep(workers, fine, coarse, null, Back(kernel), null, default(None), sink, sums);
        else
            Sweep(workers, fine, coarse, null, null, null, default(None), default(None), sums);
        Gather(sums, ofKernel);
        for (var i = 0; i < geometry.Outputs; i++)
            ofBias[i] += sums[geometry.PhasedWeights + i];
    }

    /// <summary>The gradients of a transposed convolution in one sweep.</summary>
    /// <param name="coarse">What it read.</param>
    /// <param name="fine">The gradient of its output.</param>
    /// <param name="ofCoarse">Gets the gradient of what it read; null where none is needed.</param>
    /// <param name="ofKernel">Gets the gradient of the kernel.</param>
    public void TransposedBackward<TFine, TCoarse>(
        IWorkers workers,
        TCoarse coarse,
        TFine fine,
        float* kernel,
        Stored? ofCoarse,
        Span<double> ofKernel
    )
        where TFine : struct, ISource
        where TCoarse : struct, ISource
    {
        var sums = new double[GradientSums];
        if (ofCoarse is { } sink)
            Sweep(workers, fine, coarse, Forth(kernel), null, null, sink, default(None), sums);
        else
            Sweep(workers, fine, coarse, null, null, null, default(None), default(None), sums);
        Gather(sums, ofKernel);
    }

    private PackedWeights Forth(float* kernel) =>
        new(
            geometry.Outputs,
            geometry.Phased,
            geometry.Taps,
            (output, channel, tap) => At(kernel, geometry.Weight(output, channel, tap))
        );

    // Outputs and inputs swapped, taps turned round.
    private PackedWeights Back(float* kernel)
    {
        var taps = geometry.Taps;
        return new(
            geometry.Phased,
            geometry.Outputs,
            taps,
            (channel, output, tap) =>
                At(
                    kernel,
                    geometry.Weight(output, channel, Extent.Of(axis => taps[axis] - 1 - tap[axis]))
                )
        );
    }

    private static float At(float* kernel, int weight) => weight < 0 ? 0 : kernel[weight];

    private void Gather(double[] sums, Span<double> ofKernel)
    {
        var i = 0;
        for (var output = 0; output < geometry.Outputs; output++)
        for (var channel = 0; channel < geometry.Phased; channel++)
            foreach (var tap in Geometry.Within(geometry.Taps))
                if (geometry.Weight(output, channel, tap) is var weight and >= 0)
                    ofKernel[weight] += sums[i++];
                else
                    i++;
    }

    /// <summary>
    /// Goes through the planes once. Each side that is read has a ring; a side with weights is computed from the other one; with
    /// both sides read, sums are the gradients of the kernel and of the bias, else Σy and Σy² of the coarse side.
    /// </summary>
    private void Sweep<TFine, TCoarse, TToCoarse, TToFine>(
        IWorkers workers,
        TFine fine,
        TCoarse coarse,
        PackedWeights? forth,
        PackedWeights? back,
        float* bias,
        TToCoarse toCoarse,
        TToFine toFine,
        Span<double> sums
    )
        where TFine : struct, ISource
        where TCoarse : struct, ISource
        where TToCoarse : struct, ISink
        where TToFine : struct, ISink
    {
        var (cells, taps, lead, size) = (
            geometry.Cells,
            geometry.Taps,
            geometry.Lead,
            geometry.OutputSize
        );
        var readsFine = typeof(TFine) != typeof(None);
        var readsCoarse = typeof(TCoarse) != typeof(None);
        var channels = (readsFine ? geometry.Phased : 0) + (readsCoarse ? geometry.Outputs : 0);
        var width = Math.Max(cells.Width, size.Width);
        // Plane v of the coarse side meets cells v - lead to v - lead + taps - 1, and cell v - lead planes v - taps + 1 to v.
        var all = Extent.Of(axis =>
            Math.Max(size[axis], readsCoarse ? cells[axis] + lead[axis] : 0)
        );
        var perRow = channels * taps.Depth * Ring.PitchOf(width);
        var band = Math.Max(FewestRows, Cached / (int)perRow / FewestRows * FewestRows);
        var hasSums = sums.Length > 0;

        Slab.Run(
            workers,
            all.Depth,
            all.Height,
            sums,
            (slab, own) =>
            {
                for (var top = slab.Top; top < slab.Bottom; top += band)
                    Band(slab with { Top = top, Bottom = Math.Min(slab.Bottom, top + band) }, own);
            }
        );

        void Band(Slab slab, double* own)
        {
            // Blocks of eight rows reach beyond the band, and may begin behind its padding.
            var rows =
                (slab.Bottom - slab.Top + FewestRows - 1) / FewestRows * FewestRows
                + 2 * (taps.Height - 1);
            var floats = taps.Depth * rows * Ring.PitchOf(width);
            var memory = Scratch.Of(channels * floats + fine.Size.Width);
            var read = new Ring(
                memory,
                readsFine ? geometry.Phased : 0,
                taps.Depth,
                rows,
                width,
                slab.Top - lead.Height
            );
            var given = new Ring(
                memory + (readsFine ? geometry.Phased : 0) * floats,
                readsCoarse ? geometry.Outputs : 0,
                taps.Depth,
                rows,
                width,
                slab.Top - taps.Height + 1
            );
            var row = memory + channels * floats;
            for (var v = slab.Front - taps.Depth + 1; v < slab.Back; v++)
            {
                if (readsFine)
                    read.Fill(fine, v + taps.Depth - 1 - lead.Depth, cells, geometry.Stride, row);
                if (readsCoarse)
                    given.Fill(coarse, v, size, Extent.All(1), row);
                if (v < slab.Front)
                    continue;
                if (forth is not null && v < size.Depth)
                    Correlate(
                        forth,
                        read,
                        new(
                            FirstPlane: v - lead.Depth,
                            Planes: cells.Depth,
                            Column: -lead.Width,
                            Row: 0,
                            Z: v,
                            Top: slab.Top,
                            Bottom: Math.Min(slab.Bottom, size.Height),
                            Width: size.Width
                        ),
                        bias,
                        1,
                        toCoarse,
                        hasSums && !readsCoarse ? own : null
                    );
                if (back is not null && v >= lead.Depth && v - lead.Depth < cells.Depth)
                    Correlate(
                        back,
                        given,
                        new(
                            FirstPlane: v - taps.Depth + 1,
                            Planes: size.Depth,
                            Column: lead.Width - taps.Width + 1,
                            Row: Math.Max(0, lead.Height - slab.Top),
                            Z: v - lead.Depth,
                            Top: Math.Max(0, slab.Top - lead.Height),
                            Bottom: Math.Min(slab.Bottom - lead.Height, cells.Height),
                            Width: cells.Width
                        ),
                        bias,
                        geometry.Phases,
                        toFine,
                        null
                    );
                if (readsFine && readsCoarse && v < size.Depth)
                    Gradients(read, given, v, Math.Min(slab.Bottom, size.Height) - slab.Top, own);
            }
        }
    }

    /// <summary>A plane to compute from a ring.</summary>
    /// <param name="FirstPlane">The plane of the ring that the first tap meets.</param>
    /// <param name="Planes">Planes that the ring's map has.</param>
    /// <param name="Column">The column that the first tap meets at the first voxel.</param>
    /// <param name="Row">The row of the ring that the first tap meets at the first row.</param>
    /// <param name="Z">The plane's number.</param>
    /// <param name="Top">Its first row to compute.</param>
    /// <param name="Bottom">The row behind the last.</param>
    /// <param name="Width">Its columns.</param>
    private readonly record struct Plane(
        int FirstPlane,
        int Planes,
        int Column,
        int Row,
        int Z,
        int Top,
        int Bottom,
        int Width
    );

    private static void Correlate<TSink>(
        PackedWeights weights,
        in Ring ring,
        Plane plane,
        float* bias,
        int phases,
        TSink sink,
        double* sums
    )
        where TSink : struct, ISink
    {
        switch (weights.Height)
        {
            case 1:
                Correlate<One, TSink>(weights, ring, plane, bias, phases, sink, sums);
                break;
            case 2:
                Correlate<Two, TSink>(weights, ring, plane, bias, phases, sink, sums);
                break;
            case 3:
                Correlate<Three, TSink>(weights, ring, plane, bias, phases, sink, sums);
                break;
            case 4:
                Correlate<Four, TSink>(weights, ring, plane, bias, phases, sink, sums);
                break;
            default:
                Correlate<Five, TSink>(weights, ring, plane, bias, phases, sink, sums);
                break;
        }
    }

    /// <summary>Computes a plane of every channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Correlate<T, TSink>(
        PackedWeights weights,
        in Ring ring,
        Plane plane,
        float* bias,
        int phases,
        TSink sink,
        double* sums
    )
        where T : struct, ILength
        where TSink : struct, ISink
    {
        var columns = stackalloc InnerKernels.Column[weights.MostTaps];
        var block = stackalloc V[InnerKernels.Block];
        var statistics = stackalloc Vector512<double>[2 * InnerKernels.Block / 4];
        fixed (float* packed = weights.Weights)
            foreach (var (first, outputs, taps) in weights.Groups)
            {
                var count = 0;
                foreach (var (channel, depth, column, offset) in taps)
                    if ((uint)(plane.FirstPlane + depth) < (uint)plane.Planes)
                        columns[count++] = new(
                            (nint)(
                                ring.Row(channel, plane.FirstPlane + depth, plane.Row)
                                + plane.Column
                                + column
                            ),
                            (nint)(packed + offset)
                        );
                new Span<Vector512<double>>(statistics, 2 * outputs).Clear();
                var rows = InnerKernels.RowsOf(outputs);
                // Along the rows, so that answers are written in streams.
                for (var y = plane.Top; y < plane.Bottom; y += rows)
                for (var x = 0; x < plane.Width; x += Vectors.Lanes)
                {
                    var at = (y - plane.Top) * ring.Pitch + x;
                    InnerKernels.Rows<T>(columns, count, at, ring.Pitch, outputs, block);
                    var end = Math.Min(rows, plane.Bottom - y);
                    for (var o = 0; o < outputs; o++)
                    {
                        var addend = bias is null ? 0 : bias[(first + o) / phases];
                        V sum = V.Zero,
                            squares = V.Zero;
                        for (var r = 0; r < end; r++)
                        {
                            var value = block[o * rows + r] + Vector512.Create(addend);
                            sink.Write(first + o, plane.Z, y + r, x, value);
                            sum += value;
                            squares = Vector512.FusedMultiplyAdd(value, value, squares);
                        }
                        if (sums is null)
                            continue;
                        if (plane.Width - x < Vectors.Lanes)
                        {
                            sum = Vectors.First(sum, plane.Width - x);
                            squares = Vectors.First(squares, plane.Width - x);
                        }
                        statistics[2 * o] += Vectors.Widened(sum);
                        statistics[2 * o + 1] += Vectors.Widened(squares);
                    }
                }
                for (var i = 0; i < 2 * outputs && sums is not null; i++)
                    sums[2 * first + i] += Vector512.Sum(statistics[i]);
            }
    }

    /// <summary>Adds what a plane gives to the gradients of kernel and bias.</summary>
    private void Gradients(in Ring read, in Ring given, int v, int rows, double* sums)
    {
        var (taps, lead) = (geometry.Taps, geometry.Lead);
        var width = geometry.OutputSize.Width;
        for (var output = 0; output < geometry.Outputs; output++)
        {
            var gradient = given.Row(output, v, taps.Height - 1);
            for (var channel = 0; channel < geometry.Phased; channel++)
            for (var depth = 0; depth < taps.Depth; depth++, sums += taps.Plane)
            {
                var plane = v + depth - lead.Depth;
                if (plane < 0 || plane >= geometry.Cells.Depth)
                    continue;
                var input = read.Row(channel, plane, 0) - lead.Width;
                for (var column = 0; column < taps.Width; column += 3)
                    AddWeights(
                        taps,
                        column,
                        input + column,
                        gradient,
                        read.Pitch,
                        given.Pitch,
                        rows,
                        width,
                        sums
                    );
            }
        }
        for (var output = 0; output < geometry.Outputs; output++)
            sums[output] += Total(given.Row(output, v, taps.Height - 1), given.Pitch, rows, width);
    }

    private static void AddWeights(
        Extent taps,
        int column,
        float* input,
        float* gradient,
        nint inputPitch,
        nint pitch,
        int rows,
        int width,
        double* sums
    )
    {
        const int Most = 3;
        var columns = Math.Min(Most, taps.Width - column);
        var found = stackalloc V[5 * Most];
        switch (taps.Height)
        {
            case 1:
                Of<One>();
                break;
            case 2:
                Of<Two>();
                break;
            case 3:
                Of<Three>();
                break;
            case 4:
                Of<Four>();
                break;
            default:
                Of<Five>();
                break;
        }
        for (var row = 0; row < taps.Height; row++)
        for (var i = 0; i < columns; i++)
            sums[row * taps.Width + column + i] += Vector512.Sum(
                Vectors.Widened(found[row * Most + i])
            );

        void Of<T>()
            where T : struct, ILength
        {
            if (columns == 1)
                InnerKernels.Weights<T, One>(
                    input,
                    gradient,
                    inputPitch,
                    pitch,
                    rows,
                    width,
                    found
                );
            else if (columns == 2)
                InnerKernels.Weights<T, Two>(
                    input,
                    gradient,
                    inputPitch,
                    pitch,
                    rows,
                    width,
                    found
                );
            else
                InnerKernels.Weights<T, Three>(
                    input,
                    gradient,
                    inputPitch,
                    pitch,
                    rows,
                    width,
                    found
                );
        }
    }

    private static double Total(float* from, nint pitch, int rows, int width)
    {
        var total = Vector512<double>.Zero;
        for (var y = 0; y < rows; y++, from += pitch)
        {
            var sum = V.Zero;
            for (var x = 0; x < width; x += Vectors.Lanes)
                sum += Vector512.Load(from + x);
            total += Vectors.Widened(sum);
        }
        return Vector512.Sum(total);
    }
}
