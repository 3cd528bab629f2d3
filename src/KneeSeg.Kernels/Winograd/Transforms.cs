using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels.Winograd;

/// <summary>
/// Winograd's minimal filtering F(2, 3) along an axis (Lavin and Gray 2016): two answers y of a kernel w of length 3 from four
/// values d take the four products of Bᵀd and G·w, y = Aᵀ(Bᵀd ∘ Gw), instead of six. A vector holds 16 channels of a voxel.
/// </summary>
/// <remarks>
/// A plane of points is 4×4 vectors, row by row. Each transform goes over rows and columns of a plane in registers; across planes,
/// <see cref="DeepTransforms"/> follow.
/// </remarks>
internal static unsafe class Transforms
{
    /// <summary>Points of a plane.</summary>
    public const int Plane = 16;

    /// <summary>Bᵀ along two axes: points of 4×4 voxels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Values<TVoxels>(TVoxels voxels, float* points, nint pitch)
        where TVoxels : struct, IVoxels
    {
        var (a0, a1, a2, a3) = Values(
            voxels.At(0, 0),
            voxels.At(0, 1),
            voxels.At(0, 2),
            voxels.At(0, 3)
        );
        var (c0, c1, c2, c3) = Values(
            voxels.At(2, 0),
            voxels.At(2, 1),
            voxels.At(2, 2),
            voxels.At(2, 3)
        );
        Row(points, pitch, a0 - c0, a1 - c1, a2 - c2, a3 - c3);
        var (b0, b1, b2, b3) = Values(
            voxels.At(1, 0),
            voxels.At(1, 1),
            voxels.At(1, 2),
            voxels.At(1, 3)
        );
        Row(points + 4 * pitch, pitch, b0 + c0, b1 + c1, b2 + c2, b3 + c3);
        Row(points + 8 * pitch, pitch, c0 - b0, c1 - b1, c2 - b2, c3 - b3);
        (a0, a1, a2, a3) = Values(
            voxels.At(3, 0),
            voxels.At(3, 1),
            voxels.At(3, 2),
            voxels.At(3, 3)
        );
        Row(points + 12 * pitch, pitch, b0 - a0, b1 - a1, b2 - a2, b3 - a3);
    }

    /// <summary>A along two axes, the adjoint of Aᵀ: points of 2×2 voxels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gradients<TVoxels>(TVoxels voxels, float* points, nint pitch)
        where TVoxels : struct, IVoxels
    {
        var (a0, a1, a2, a3) = Gradients(voxels.At(0, 0), voxels.At(0, 1));
        var (b0, b1, b2, b3) = Gradients(voxels.At(1, 0), voxels.At(1, 1));
        Row(points, pitch, a0, a1, a2, a3);
        Row(points + 4 * pitch, pitch, a0 + b0, a1 + b1, a2 + b2, a3 + b3);
        Row(points + 8 * pitch, pitch, a0 - b0, a1 - b1, a2 - b2, a3 - b3);
        Row(points + 12 * pitch, pitch, -b0, -b1, -b2, -b3);
    }

    /// <summary>Aᵀ along two axes: 2×2 voxels of a plane of points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (V, V, V, V) Answers(float* points, nint pitch)
    {
        var (a0, b0) = Column(points, pitch);
        var (a1, b1) = Column(points + pitch, pitch);
        var (a2, b2) = Column(points + 2 * pitch, pitch);
        var (a3, b3) = Column(points + 3 * pitch, pitch);
        var (y00, y01) = Answers(a0, a1, a2, a3);
        var (y10, y11) = Answers(b0, b1, b2, b3);
        return (y00, y01, y10, y11);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static (V, V) Column(float* p, nint pitch) =>
            Answers(
                Vector512.Load(p),
                Vector512.Load(p + 4 * pitch),
                Vector512.Load(p + 8 * pitch),
                Vector512.Load(p + 12 * pitch)
            );
    }

    /// <summary>G: points of three weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (V, V, V, V) Weights(V w0, V w1, V w2)
    {
        var (outer, inner) = ((w0 + w2) * 0.5f, w1 * 0.5f);
        return (w0, outer + inner, outer - inner, w2);
    }

    /// <summary>Gᵀ, the adjoint of G.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (V, V, V) WeightGradients(V p0, V p1, V p2, V p3)
    {
        var outer = (p1 + p2) * 0.5f;
        return (p0 + outer, (p1 - p2) * 0.5f, outer + p3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V, V, V, V) Values(V d0, V d1, V d2, V d3) =>
        (d0 - d2, d1 + d2, d2 - d1, d1 - d3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V, V, V, V) Gradients(V y0, V y1) => (y0, y0 + y1, y0 - y1, -y1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V, V) Answers(V p0, V p1, V p2, V p3) => (p0 + p1 + p2, p1 - p2 - p3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(float* points, nint pitch, V v0, V v1, V v2, V v3)
    {
        v0.Store(points);
        v1.Store(points + pitch);
        v2.Store(points + 2 * pitch);
        v3.Store(points + 3 * pitch);
    }
}

/// <summary>Some voxels of a plane, 16 channels each.</summary>
internal interface IVoxels
{
    /// <summary>The voxel of a row and column.</summary>
    V At(int row, int column);
}

/// <summary>Voxels inside of the map.</summary>
/// <param name="first">The channels of the first voxel.</param>
/// <param name="row">Floats from a row to the next.</param>
/// <param name="column">Floats from a voxel to the next.</param>
internal readonly unsafe struct InnerVoxels(float* first, nint row, nint column) : IVoxels
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V At(int y, int x) => Vector512.Load(first + y * row + x * column);
}

/// <summary>Voxels of which some may lie outside of the map, or have but eight channels more; what is missing is 0.</summary>
internal readonly unsafe struct OuterVoxels(
    float* first,
    nint row,
    nint column,
    Inside rows,
    Inside columns,
    bool isHalf
) : IVoxels
{
    public V At(int y, int x)
    {
        if (y < rows.From || y >= rows.To || x < columns.From || x >= columns.To)
            return V.Zero;
        var at = first + y * row + x * column;
        return ChannelBlock.Load(at, isHalf);
    }
}

/// <summary>Voxels of a tile, along an axis, that lie in the map.</summary>
internal readonly record struct Inside(int From, int To)
{
    /// <summary>Those of a tile.</summary>
    /// <param name="start">Of the tile.</param>
    /// <param name="length">Of the map.</param>
    public static Inside Of(int start, int length) => new(-start, length - start);
}
