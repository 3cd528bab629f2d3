using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels;

/// <summary>A length that the compiler knows: code for other lengths is left out.</summary>
internal interface ILength
{
    static abstract int Value { get; }
}

internal readonly struct One : ILength
{
    public static int Value => 1;
}

internal readonly struct Two : ILength
{
    public static int Value => 2;
}

internal readonly struct Three : ILength
{
    public static int Value => 3;
}

internal readonly struct Four : ILength
{
    public static int Value => 4;
}

internal readonly struct Five : ILength
{
    public static int Value => 5;
}

/// <summary>
/// The loops that all time goes into. Vectors lie along the width, so that no lane is wasted at any number of channels. Sums are
/// locals, which the compiler keeps in registers.
/// </summary>
internal static unsafe class InnerKernels
{
    /// <summary>Vectors that <see cref="Rows{T}"/> writes at the most.</summary>
    public const int Block = 16;

    // Rows of a weight gradient at a time: neighboring columns find their shared lines in the first-level cache.
    private const int Band = 32;

    /// <summary>A column of taps: the voxels that they begin at, and their weights, output by output.</summary>
    public readonly record struct Column(nint Voxels, nint Weights);

    /// <summary>Rows that are computed at once: 8 of one output, or 4 of each of several.</summary>
    public static int RowsOf(int outputs) => outputs == 1 ? 8 : 4;

    /// <summary>Sums of taps times voxels, for <see cref="RowsOf"/> rows of 16 voxels.</summary>
    /// <param name="columns">All columns of taps.</param>
    /// <param name="count">How many.</param>
    /// <param name="at">Where the block begins, as floats from the columns' voxels.</param>
    /// <param name="pitch">Floats from row to row.</param>
    /// <param name="outputs">1, 2 or 4.</param>
    /// <param name="block">Gets the rows, output by output.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows<T>(
        Column* columns,
        int count,
        nint at,
        nint pitch,
        int outputs,
        V* block
    )
        where T : struct, ILength
    {
        if (outputs == 1)
            EightRows<T>(columns, count, at, pitch, block);
        else if (outputs == 2)
            FourRowsOfTwo<T>(columns, count, at, pitch, block);
        else
            FourRowsOfFour<T>(columns, count, at, pitch, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightRows<T>(Column* columns, int count, nint at, nint pitch, V* block)
        where T : struct, ILength
    {
        V a0 = V.Zero,
            a1 = a0,
            a2 = a0,
            a3 = a0,
            a4 = a0,
            a5 = a0,
            a6 = a0,
            a7 = a0;
        for (var column = columns; column < columns + count; column++)
        {
            var w = (float*)column->Weights;
            var w0 = Vector512.Create(w[0]);
            var w1 = T.Value > 1 ? Vector512.Create(w[1]) : w0;
            var w2 = T.Value > 2 ? Vector512.Create(w[2]) : w0;
            var w3 = T.Value > 3 ? Vector512.Create(w[3]) : w0;
            var w4 = T.Value > 4 ? Vector512.Create(w[4]) : w0;
            var p = (float*)column->Voxels + at;
            var v0 = Vector512.Load(p);
            var v1 = Vector512.Load(p += pitch);
            var v2 = Vector512.Load(p += pitch);
            var v3 = Vector512.Load(p += pitch);
            var v4 = Vector512.Load(p += pitch);
            a0 = Taps<T>(a0, v0, v1, v2, v3, v4, w0, w1, w2, w3, w4);
            v0 = Vector512.Load(p += pitch);
            a1 = Taps<T>(a1, v1, v2, v3, v4, v0, w0, w1, w2, w3, w4);
            v1 = Vector512.Load(p += pitch);
            a2 = Taps<T>(a2, v2, v3, v4, v0, v1, w0, w1, w2, w3, w4);
            v2 = Vector512.Load(p += pitch);
            a3 = Taps<T>(a3, v3, v4, v0, v1, v2, w0, w1, w2, w3, w4);
            v3 = T.Value > 1 ? Vector512.Load(p += pitch) : v2;
            a4 = Taps<T>(a4, v4, v0, v1, v2, v3, w0, w1, w2, w3, w4);
            v4 = T.Value > 2 ? Vector512.Load(p += pitch) : v2;
            a5 = Taps<T>(a5, v0, v1, v2, v3, v4, w0, w1, w2, w3, w4);
            v0 = T.Value > 3 ? Vector512.Load(p += pitch) : v2;
            a6 = Taps<T>(a6, v1, v2, v3, v4, v0, w0, w1, w2, w3, w4);
            v1 = T.Value > 4 ? Vector512.Load(p + pitch) : v2;
            a7 = Taps<T>(a7, v2, v3, v4, v0, v1, w0, w1, w2, w3, w4);
        }
        (block[0], block[1], block[2], block[3]) = (a0, a1, a2, a3);
        (block[4], block[5], block[6], block[7]) = (a4, a5, a6, a7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRowsOfTwo<T>(Column* columns, int count, nint at, nint pitch, V* block)
        where T : struct, ILength
    {
        V a0 = V.Zero,
            a1 = a0,
            a2 = a0,
            a3 = a0,
            b0 = a0,
            b1 = a0,
            b2 = a0,
            b3 = a0;
        for (var column = columns; column < columns + count; column++)
        {
            var p = (float*)column->Voxels + at;
            var v0 = Vector512.Load(p);
            var v1 = Vector512.Load(p += pitch);
            var v2 = Vector512.Load(p += pitch);
            var v3 = Vector512.Load(p += pitch);
            var v4 = T.Value > 1 ? Vector512.Load(p += pitch) : v0;
            var v5 = T.Value > 2 ? Vector512.Load(p += pitch) : v0;
            var v6 = T.Value > 3 ? Vector512.Load(p += pitch) : v0;
            var v7 = T.Value > 4 ? Vector512.Load(p + pitch) : v0;
            var w = (float*)column->Weights;
            FourRows<T>(w, v0, v1, v2, v3, v4, v5, v6, v7, ref a0, ref a1, ref a2, ref a3);
            w += T.Value;
            FourRows<T>(w, v0, v1, v2, v3, v4, v5, v6, v7, ref b0, ref b1, ref b2, ref b3);
        }
        (block[0], block[1], block[2], block[3]) = (a0, a1, a2, a3);
        (block[4], block[5], block[6], block[7]) = (b0, b1, b2, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRowsOfFour<T>(Column* columns, int count, nint at, nint pitch, V* block)
        where T : struct, ILength
    {
        V a0 = V.Zero,
            a1 = a0,
            a2 = a0,
            a3 = a0,
            b0 = a0,
            b1 = a0,
            b2 = a0,
            b3 = a0;
        V c0 = a0,
            c1 = a0,
            c2 = a0,
            c3 = a0,
            d0 = a0,
            d1 = a0,
            d2 = a0,
            d3 = a0;
        for (var column = columns; column < columns + count; column++)
        {
            var p = (float*)column->Voxels + at;
            var v0 = Vector512.Load(p);
            var v1 = Vector512.Load(p += pitch);
            var v2 = Vector512.Load(p += pitch);
            var v3 = Vector512.Load(p += pitch);
            var v4 = T.Value > 1 ? Vector512.Load(p += pitch) : v0;
            var v5 = T.Value > 2 ? Vector512.Load(p += pitch) : v0;
            var v6 = T.Value > 3 ? Vector512.Load(p += pitch) : v0;
            var v7 = T.Value > 4 ? Vector512.Load(p + pitch) : v0;
            var w = (float*)column->Weights;
            FourRows<T>(w, v0, v1, v2, v3, v4, v5, v6, v7, ref a0, ref a1, ref a2, ref a3);
            w += T.Value;
            FourRows<T>(w, v0, v1, v2, v3, v4, v5, v6, v7, ref b0, ref b1, ref b2, ref b3);
            w += T.Value;
            FourRows<T>(w, v0, v1, v2, v3, v4, v5, v6, v7, ref c0, ref c1, ref c2, ref c3);
            w += T.Value;
            FourRows<T>(w, v0, v1, v2, v3, v4, v5, v6, v7, ref d0, ref d1, ref d2, ref d3);
        }
        (block[0], block[1], block[2], block[3]) = (a0, a1, a2, a3);
        (block[4], block[5], block[6], block[7]) = (b0, b1, b2, b3);
        (block[8], block[9], block[10], block[11]) = (c0, c1, c2, c3);
        (block[12], block[13], block[14], block[15]) = (d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRows<T>(
        float* w,
        V v0,
        V v1,
        V v2,
        V v3,
        V v4,
        V v5,
        V v6,
        V v7,
        ref V a0,
        ref V a1,
        ref V a2,
        ref V a3
    )
        where T : struct, ILength
    {
        var w0 = Vector512.Create(w[0]);
        var w1 = T.Value > 1 ? Vector512.Create(w[1]) : w0;
        var w2 = T.Value > 2 ? Vector512.Create(w[2]) : w0;
        var w3 = T.Value > 3 ? Vector512.Create(w[3]) : w0;
        var w4 = T.Value > 4 ? Vector512.Create(w[4]) : w0;
        a0 = Taps<T>(a0, v0, v1, v2, v3, v4, w0, w1, w2, w3, w4);
        a1 = Taps<T>(a1, v1, v2, v3, v4, v5, w0, w1, w2, w3, w4);
        a2 = Taps<T>(a2, v2, v3, v4, v5, v6, w0, w1, w2, w3, w4);
        a3 = Taps<T>(a3, v3, v4, v5, v6, v7, w0, w1, w2, w3, w4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Taps<T>(V sum, V v0, V v1, V v2, V v3, V v4, V w0, V w1, V w2, V w3, V w4)
        where T : struct, ILength
    {
        sum = Vector512.FusedMultiplyAdd(v0, w0, sum);
        sum = T.Value > 1 ? Vector512.FusedMultiplyAdd(v1, w1, sum) : sum;
        sum = T.Value > 2 ? Vector512.FusedMultiplyAdd(v2, w2, sum) : sum;
        sum = T.Value > 3 ? Vector512.FusedMultiplyAdd(v3, w3, sum) : sum;
        return T.Value > 4 ? Vector512.FusedMultiplyAdd(v4, w4, sum) : sum;
    }

    /// <summary>Sums of gradient times input over the rows of a plane, for taps of some rows and up to three columns.</summary>
    /// <typeparam name="TRows">The taps' rows.</typeparam>
    /// <typeparam name="TColumns">The taps' columns, 1 to 3.</typeparam>
    /// <param name="input">What the first tap meets at the first voxel of the gradient.</param>
    /// <param name="gradient">The first voxel of the gradient.</param>
    /// <param name="inputPitch">Floats from row to row.</param>
    /// <param name="pitch">Floats from row to row.</param>
    /// <param name="rows">Of the gradient.</param>
    /// <param name="width">Of the gradient; zeros follow.</param>
    /// <param name="taps">Gets the sums, row by row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights<TRows, TColumns>(
        float* input,
        float* gradient,
        nint inputPitch,
        nint pitch,
        int rows,
        int width,
        V* taps
    )
        where TRows : struct, ILength
        where TColumns : struct, ILength
    {
        V a0 = V.Zero,
            a1 = a0,
            a2 = a0,
            a3 = a0,
            a4 = a0;
        V b0 = a0,
            b1 = a0,
            b2 = a0,
            b3 = a0,
            b4 = a0;
        V c0 = a0,
            c1 = a0,
            c2 = a0,
            c3 = a0,
            c4 = a0;
        for (var first = 0; first < rows; first += Band)
        {
            var count = Math.Min(Band, rows - first);
            for (nint x = 0; x < width; x += Vectors.Lanes)
            {
                // The gradient's row beside the input's, and those above: each tap row meets another one.
                V g1 = V.Zero,
                    g2 = g1,
                    g3 = g1,
                    g4 = g1;
                var p = input + first * inputPitch + x;
                var q = gradient + first * pitch + x;
                for (var y = 0; y < count + TRows.Value - 1; y++, p += inputPitch, q += pitch)
                {
                    var g0 = y < count ? Vector512.Load(q) : V.Zero;
                    var v = Vector512.Load(p);
                    a0 = Vector512.FusedMultiplyAdd(g0, v, a0);
                    a1 = TRows.Value > 1 ? Vector512.FusedMultiplyAdd(g1, v, a1) : a1;
                    a2 = TRows.Value > 2 ? Vector512.FusedMultiplyAdd(g2, v, a2) : a2;
                    a3 = TRows.Value > 3 ? Vector512.FusedMultiplyAdd(g3, v, a3) : a3;
                    a4 = TRows.Value > 4 ? Vector512.FusedMultiplyAdd(g4, v, a4) : a4;
                    if (TColumns.Value > 1)
                    {
                        v = Vector512.Load(p + 1);
                        b0 = Vector512.FusedMultiplyAdd(g0, v, b0);
                        b1 = TRows.Value > 1 ? Vector512.FusedMultiplyAdd(g1, v, b1) : b1;
                        b2 = TRows.Value > 2 ? Vector512.FusedMultiplyAdd(g2, v, b2) : b2;
                        b3 = TRows.Value > 3 ? Vector512.FusedMultiplyAdd(g3, v, b3) : b3;
                        b4 = TRows.Value > 4 ? Vector512.FusedMultiplyAdd(g4, v, b4) : b4;
                    }
                    if (TColumns.Value > 2)
                    {
                        v = Vector512.Load(p + 2);
                        c0 = Vector512.FusedMultiplyAdd(g0, v, c0);
                        c1 = TRows.Value > 1 ? Vector512.FusedMultiplyAdd(g1, v, c1) : c1;
                        c2 = TRows.Value > 2 ? Vector512.FusedMultiplyAdd(g2, v, c2) : c2;
                        c3 = TRows.Value > 3 ? Vector512.FusedMultiplyAdd(g3, v, c3) : c3;
                        c4 = TRows.Value > 4 ? Vector512.FusedMultiplyAdd(g4, v, c4) : c4;
                    }
                    (g4, g3, g2, g1) = (g3, g2, g1, g0);
                }
            }
        }
        (taps[0], taps[1], taps[2]) = (a0, b0, c0);
        (taps[3], taps[4], taps[5]) = (a1, b1, c1);
        (taps[6], taps[7], taps[8]) = (a2, b2, c2);
        (taps[9], taps[10], taps[11]) = (a3, b3, c3);
        (taps[12], taps[13], taps[14]) = (a4, b4, c4);
    }
}
