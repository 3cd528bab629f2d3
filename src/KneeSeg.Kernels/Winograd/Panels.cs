using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels.Winograd;

/// <summary>
/// Products of matrices whose columns are in blocks of 16: <c>[block, row, 16]</c>, so that a row of a block is a vector.
/// </summary>
internal static unsafe class Panels
{
    /// <summary>Rows of a product that <see cref="Pair{TStep}"/> computes at once.</summary>
    public const int PairRows = 8;

    /// <summary>Rows of a product that <see cref="Single{TStep}"/> computes at once.</summary>
    public const int SingleRows = 16;

    /// <summary>Two blocks of eight rows of a product: c[row, lane] = Σ a[row, i]·b[i, lane].</summary>
    /// <typeparam name="TStep">Floats from a row of a to the next.</typeparam>
    /// <param name="a">Its first row.</param>
    /// <param name="next">Floats from i to i + 1.</param>
    /// <param name="run">After so many i, <paramref name="jump"/> floats more.</param>
    /// <param name="count">Of all i.</param>
    /// <param name="b">The first block of b, whose rows follow each other.</param>
    /// <param name="second">Floats to the second one.</param>
    /// <param name="c">The first block of c.</param>
    /// <param name="secondOfC">Floats to its second one.</param>
    /// <param name="adds">Whether the product is added to c.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pair<TStep>(
        float* a,
        nint next,
        nint run,
        nint jump,
        nint count,
        float* b,
        nint second,
        float* c,
        nint secondOfC,
        bool adds
    )
        where TStep : struct, IStep
    {
        V a0 = V.Zero,
            a1 = a0,
            a2 = a0,
            a3 = a0,
            a4 = a0,
            a5 = a0,
            a6 = a0,
            a7 = a0;
        V b0 = a0,
            b1 = a0,
            b2 = a0,
            b3 = a0,
            b4 = a0,
            b5 = a0,
            b6 = a0,
            b7 = a0;
        for (; count > 0; count -= run, a += jump)
        {
            var end = b + 16 * Math.Min(run, count);
            for (; b < end; b += 16, a += next)
            {
                var u = Vector512.Load(b);
                var v = Vector512.Load(b + second);
                var w = Vector512.Create(a[0]);
                a0 = Vector512.FusedMultiplyAdd(w, u, a0);
                b0 = Vector512.FusedMultiplyAdd(w, v, b0);
                w = Vector512.Create(a[TStep.Floats]);
                a1 = Vector512.FusedMultiplyAdd(w, u, a1);
                b1 = Vector512.FusedMultiplyAdd(w, v, b1);
                w = Vector512.Create(a[2 * TStep.Floats]);
                a2 = Vector512.FusedMultiplyAdd(w, u, a2);
                b2 = Vector512.FusedMultiplyAdd(w, v, b2);
                w = Vector512.Create(a[3 * TStep.Floats]);
                a3 = Vector512.FusedMultiplyAdd(w, u, a3);
                b3 = Vector512.FusedMultiplyAdd(w, v, b3);
                w = Vector512.Create(a[4 * TStep.Floats]);
                a4 = Vector512.FusedMultiplyAdd(w, u, a4);
                b4 = Vector512.FusedMultiplyAdd(w, v, b4);
                w = Vector512.Create(a[5 * TStep.Floats]);
                a5 = Vector512.FusedMultiplyAdd(w, u, a5);
                b5 = Vector512.FusedMultiplyAdd(w, v, b5);
                w = Vector512.Create(a[6 * TStep.Floats]);
                a6 = Vector512.FusedMultiplyAdd(w, u, a6);
                b6 = Vector512.FusedMultiplyAdd(w, v, b6);
                w = Vector512.Create(a[7 * TStep.Floats]);
                a7 = Vector512.FusedMultiplyAdd(w, u, a7);
                b7 = Vector512.FusedMultiplyAdd(w, v, b7);
            }
        }
        Keep(c, a0, a1, a2, a3, a4, a5, a6, a7, adds);
        Keep(c + secondOfC, b0, b1, b2, b3, b4, b5, b6, b7, adds);
    }

    /// <summary>One block of sixteen rows of a product; see <see cref="Pair{TStep}"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Single<TStep>(
        float* a,
        nint next,
        nint run,
        nint jump,
        nint count,
        float* b,
        float* c,
        bool adds
    )
        where TStep : struct, IStep
    {
        V a0 = V.Zero,
            a1 = a0,
            a2 = a0,
            a3 = a0,
            a4 = a0,
            a5 = a0,
            a6 = a0,
            a7 = a0;
        V b0 = a0,
            b1 = a0,
            b2 = a0,
            b3 = a0,
            b4 = a0,
            b5 = a0,
            b6 = a0,
            b7 = a0;
        for (; count > 0; count -= run, a += jump)
        {
            var end = b + 16 * Math.Min(run, count);
            for (; b < end; b += 16, a += next)
            {
                var u = Vector512.Load(b);
                a0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), u, a0);
                a1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[TStep.Floats]), u, a1);
                a2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[2 * TStep.Floats]), u, a2);
                a3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[3 * TStep.Floats]), u, a3);
                a4 = Vector512.FusedMultiplyAdd(Vector512.Create(a[4 * TStep.Floats]), u, a4);
                a5 = Vector512.FusedMultiplyAdd(Vector512.Create(a[5 * TStep.Floats]), u, a5);
                a6 = Vector512.FusedMultiplyAdd(Vector512.Create(a[6 * TStep.Floats]), u, a6);
                a7 = Vector512.FusedMultiplyAdd(Vector512.Create(a[7 * TStep.Floats]), u, a7);
                b0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[8 * TStep.Floats]), u, b0);
                b1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[9 * TStep.Floats]), u, b1);
                b2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[10 * TStep.Floats]), u, b2);
                b3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[11 * TStep.Floats]), u, b3);
                b4 = Vector512.FusedMultiplyAdd(Vector512.Create(a[12 * TStep.Floats]), u, b4);
                b5 = Vector512.FusedMultiplyAdd(Vector512.Create(a[13 * TStep.Floats]), u, b5);
                b6 = Vector512.FusedMultiplyAdd(Vector512.Create(a[14 * TStep.Floats]), u, b6);
                b7 = Vector512.FusedMultiplyAdd(Vector512.Create(a[15 * TStep.Floats]), u, b7);
            }
        }
        Keep(c, a0, a1, a2, a3, a4, a5, a6, a7, adds);
        Keep(c + 8 * 16, b0, b1, b2, b3, b4, b5, b6, b7, adds);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(float* c, V v0, V v1, V v2, V v3, V v4, V v5, V v6, V v7, bool adds)
    {
        if (adds)
        {
            (v0, v1) = (v0 + Vector512.Load(c), v1 + Vector512.Load(c + 16));
            (v2, v3) = (v2 + Vector512.Load(c + 32), v3 + Vector512.Load(c + 48));
            (v4, v5) = (v4 + Vector512.Load(c + 64), v5 + Vector512.Load(c + 80));
            (v6, v7) = (v6 + Vector512.Load(c + 96), v7 + Vector512.Load(c + 112));
        }
        v0.Store(c);
        v1.Store(c + 16);
        v2.Store(c + 32);
        v3.Store(c + 48);
        v4.Store(c + 64);
        v5.Store(c + 80);
        v6.Store(c + 96);
        v7.Store(c + 112);
    }
}

/// <summary>A distance known when a kernel is compiled.</summary>
internal interface IStep
{
    static abstract int Floats { get; }
}

/// <summary>To the next lane.</summary>
internal readonly struct Lane : IStep
{
    public static int Floats => 1;
}

/// <summary>To the next row of a block.</summary>
internal readonly struct Row : IStep
{
    public static int Floats => 16;
}
