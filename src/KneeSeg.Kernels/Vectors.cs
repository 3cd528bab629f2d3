using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels;

/// <summary>Vectors of 16 voxels along a row, whose width may be any number.</summary>
internal static unsafe class Vectors
{
    /// <summary>Voxels of a vector.</summary>
    public const int Lanes = 16;

    /// <summary>Up to 16 voxels; further lanes are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* from, nint count) =>
        count >= Lanes ? Vector512.Load(from) : LoadFirst(from, count);

    /// <param name="streams">Past the caches, where the address allows it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, float* to, nint count, bool streams)
    {
        if (count < Lanes)
            StoreFirst(value, to, count);
        else if (streams && ((nint)to & 63) == 0)
            value.StoreAlignedNonTemporal(to);
        else
            value.Store(to);
    }

    /// <summary>A vector without its lanes from <paramref name="count"/> on.</summary>
    public static V First(V value, nint count) =>
        Vector512.ConditionalSelect(
            Vector512.LessThan(V.Indices, Vector512.Create((float)count)),
            value,
            V.Zero
        );

    /// <summary>The sum of all lanes in double precision, in a fixed order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Widened(V value)
    {
        var (low, high) = Vector512.Widen(value);
        return low + high;
    }

    private static V LoadFirst(float* from, nint count)
    {
        var lanes = V.Zero;
        new ReadOnlySpan<float>(from, (int)count).CopyTo(new Span<float>(&lanes, Lanes));
        return lanes;
    }

    private static void StoreFirst(V value, float* to, nint count) =>
        new ReadOnlySpan<float>(&value, (int)count).CopyTo(new Span<float>(to, (int)count));
}
