using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels.Winograd;

/// <summary>
/// Winograd's minimal filtering F(4, 3) across planes: four answers of a kernel of length 3 from six values, by six products instead
/// of twelve. Each plane has the points of <see cref="Transforms"/>.
/// </summary>
/// <remarks>
/// The polynomials are taken at 0, ±3/4, ±3/2 and infinity. At the usual ±1 and ±2, answers are half as exact again; here they are
/// as exact as direct sums. Transforms are those of Lavin and Gray (2016) for points 0, ±a, ±b and infinity.
/// </remarks>
internal static unsafe class DeepTransforms
{
    /// <summary>Planes of points, and of values, of a tile.</summary>
    public const int Points = 6;

    /// <summary>Planes of answers of a tile.</summary>
    public const int Answered = 4;

    /// <summary>Planes of values that tiles share which follow each other.</summary>
    public const int Shared = Points - Answered;

    private const float A = 0.75f;
    private const float B = 1.5f;
    private const float A2 = A * A;
    private const float B2 = B * B;
    private const float Product = A2 * B2;
    private const float Sum = A2 + B2;

    // Of a kernel's polynomial at ±a and at ±b.
    private const float OfA = (float)(1 / (2.0 * A2 * (A2 - B2)));
    private const float OfB = (float)(1 / (2.0 * B2 * (B2 - A2)));
    private const float OfZero = (float)(1 / (double)Product);
    private const int Plane = Transforms.Plane;

    /// <summary>Bᵀ: the points of six planes.</summary>
    /// <param name="shared">The first two, the last of the tile before.</param>
    /// <param name="own">The other four.</param>
    /// <param name="points">Gets them, plane by plane.</param>
    /// <param name="pitch">Floats from a point to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Values(V* shared, V* own, float* points, nint pitch)
    {
        for (var i = 0; i < Plane; i++, points += pitch)
        {
            var (d0, d1) = (shared[i], shared[Plane + i]);
            var (d2, d3) = (own[i], own[Plane + i]);
            var (d4, d5) = (own[2 * Plane + i], own[3 * Plane + i]);
            var (even, odd) = (Plus(d4, -B2, d2), Plus(d3, -B2, d1) * A);
            var (evenOfB, oddOfB) = (Plus(d4, -A2, d2), Plus(d3, -A2, d1) * B);
            Plus(Plus(d4, -Sum, d2), Product, d0).Store(points);
            (even + odd).Store(points + Plane * pitch);
            (even - odd).Store(points + 2 * Plane * pitch);
            (evenOfB + oddOfB).Store(points + 3 * Plane * pitch);
            (evenOfB - oddOfB).Store(points + 4 * Plane * pitch);
            Plus(Plus(d5, -Sum, d3), Product, d1).Store(points + 5 * Plane * pitch);
        }
    }

    /// <summary>A, the adjoint of Aᵀ: the points of four planes of gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients(V* planes, float* points, nint pitch)
    {
        for (var i = 0; i < Plane; i++, points += pitch)
        {
            var (y0, y1) = (planes[i], planes[Plane + i]);
            var (y2, y3) = (planes[2 * Plane + i], planes[3 * Plane + i]);
            var (even, odd) = (Plus(y0, A2, y2), Plus(y1, A2, y3) * A);
            var (evenOfB, oddOfB) = (Plus(y0, B2, y2), Plus(y1, B2, y3) * B);
            y0.Store(points);
            (even + odd).Store(points + Plane * pitch);
            (even - odd).Store(points + 2 * Plane * pitch);
            (evenOfB + oddOfB).Store(points + 3 * Plane * pitch);
            (evenOfB - oddOfB).Store(points + 4 * Plane * pitch);
            y3.Store(points + 5 * Plane * pitch);
        }
    }

    /// <summary>Aᵀ: four planes from their points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Answers(float* points, nint pitch, V* planes)
    {
        for (var i = 0; i < Plane; i++, points += pitch)
        {
            var (p1, p2) = (Load(1), Load(2));
            var (p3, p4) = (Load(3), Load(4));
            var (even, odd) = (p1 + p2, (p1 - p2) * A);
            var (evenOfB, oddOfB) = (p3 + p4, (p3 - p4) * B);
            planes[i] = Load(0) + even + evenOfB;
            planes[Plane + i] = odd + oddOfB;
            planes[2 * Plane + i] = Plus(even * A2, B2, evenOfB);
            planes[3 * Plane + i] = Plus(Plus(Load(5), A2, odd), B2, oddOfB);

            V Load(int plane) => Vector512.Load(points + plane * Plane * pitch);
        }
    }

    /// <summary>G: the points of three planes of weights.</summary>
    public static void Weights(V* planes, float* points, nint pitch)
    {
        for (var i = 0; i < Plane; i++, points += pitch)
        {
            var (w0, w1, w2) = (planes[i], planes[Plane + i], planes[2 * Plane + i]);
            var (even, odd) = (Plus(w0, A2, w2) * OfA, w1 * (A * OfA));
            var (evenOfB, oddOfB) = (Plus(w0, B2, w2) * OfB, w1 * (B * OfB));
            (w0 * OfZero).Store(points);
            (even + odd).Store(points + Plane * pitch);
            (even - odd).Store(points + 2 * Plane * pitch);
            (evenOfB + oddOfB).Store(points + 3 * Plane * pitch);
            (evenOfB - oddOfB).Store(points + 4 * Plane * pitch);
            w2.Store(points + 5 * Plane * pitch);
        }
    }

    /// <summary>Gᵀ, the adjoint of G: three planes of gradients from six of points, in place.</summary>
    public static void WeightGradients(V* planes)
    {
        for (var i = 0; i < Plane; i++)
        {
            var (p1, p2) = (planes[Plane + i], planes[2 * Plane + i]);
            var (p3, p4) = (planes[3 * Plane + i], planes[4 * Plane + i]);
            var (even, odd) = ((p1 + p2) * OfA, (p1 - p2) * (A * OfA));
            var (evenOfB, oddOfB) = ((p3 + p4) * OfB, (p3 - p4) * (B * OfB));
            planes[i] = planes[i] * OfZero + even + evenOfB;
            planes[Plane + i] = odd + oddOfB;
            planes[2 * Plane + i] = Plus(Plus(planes[5 * Plane + i], A2, even), B2, evenOfB);
        }
    }

    /// <summary>value + factor·other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Plus(V value, float factor, V other) =>
        Vector512.FusedMultiplyAdd(Vector512.Create(factor), other, value);
}
