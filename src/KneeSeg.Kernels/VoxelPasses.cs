using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels;

/// <summary>Passes over maps voxel by voxel: what lies between one convolution and the next, forward and backward.</summary>
internal static unsafe class VoxelPasses
{
    private const int Parts = 8;

    // Vectors that are summed in float32 before they are added in double precision.
    private const int Run = 32;

    /// <summary>output = keep·activation(factor·raw + addend) + residual; output may be raw.</summary>
    /// <param name="residual">Of as many channels, or of one that is added to each; null for none.</param>
    public static void Finish<TActivation>(
        IWorkers workers,
        Maps raw,
        Maps output,
        Maps? residual,
        Affine affine,
        TActivation activation
    )
        where TActivation : struct, IActivation =>
        ForParts(
            workers,
            raw,
            (channel, from, to, _) =>
            {
                float* shortcut = residual is { } maps ? maps[maps.Count == 1 ? 0 : channel] : null;
                Finish(
                    raw[channel],
                    output[channel],
                    shortcut,
                    from,
                    to,
                    channel,
                    affine,
                    activation,
                    output.ExceedCaches
                );
            }
        );

    /// <summary>Adds to sums Σy and Σy² of each channel.</summary>
    public static void AddMoments(IWorkers workers, Maps raw, Span<double> sums)
    {
        var parts = new double[raw.Count * Parts * 2];
        ForParts(
            workers,
            raw,
            (channel, from, to, part) =>
                (parts[2 * part], parts[2 * part + 1]) = Sums(
                    raw[channel],
                    raw[channel],
                    from,
                    to,
                    channel,
                    Affine.None(raw.Count),
                    default(Identity)
                )
        );
        Add(parts, sums);
    }

    /// <summary>
    /// Adds to sums Σh and Σh·y of each channel, where h = keep·activation'(factor·y + addend)·gradient.
    /// </summary>
    public static void AddGradientSums<TActivation>(
        IWorkers workers,
        Maps raw,
        Maps gradient,
        Affine affine,
        TActivation activation,
        Span<double> sums
    )
        where TActivation : struct, IActivation
    {
        var parts = new double[raw.Count * Parts * 2];
        ForParts(
            workers,
            raw,
            (channel, from, to, part) =>
                (parts[2 * part], parts[2 * part + 1]) = Sums(
                    raw[channel],
                    gradient[channel],
                    from,
                    to,
                    channel,
                    affine,
                    activation
                )
        );
        Add(parts, sums);
    }

    private delegate void Part(int channel, nint from, nint to, int part);

    private static void ForParts(IWorkers workers, Maps maps, Part work)
    {
        // Parts begin at whole vectors.
        var vectors = (maps.Size.Voxels + Vectors.Lanes - 1) / Vectors.Lanes;
        workers.Run(
            maps.Count * Parts,
            task =>
            {
                var part = task % Parts;
                work(
                    task / Parts,
                    part * vectors / Parts * Vectors.Lanes,
                    Math.Min((part + 1) * vectors / Parts * Vectors.Lanes, maps.Size.Voxels),
                    task
                );
            }
        );
    }

    private static void Add(double[] parts, Span<double> sums)
    {
        for (var i = 0; i < parts.Length; i++)
            sums[i / (2 * Parts) * 2 + i % 2] += parts[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish<TActivation>(
        float* raw,
        float* output,
        float* residual,
        nint from,
        nint to,
        int channel,
        Affine affine,
        TActivation activation,
        bool streams
    )
        where TActivation : struct, IActivation
    {
        var keep = Vector512.Create(affine.Keep[channel]);
        for (var at = from; at < to; at += Vectors.Lanes)
        {
            var count = to - at;
            var value = keep * activation.Value(affine.Of(channel, Vectors.Load(raw + at, count)));
            if (residual is not null)
                value += Vectors.Load(residual + at, count);
            Vectors.Store(value, output + at, count, streams);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double, double) Sums<TActivation>(
        float* raw,
        float* gradient,
        nint from,
        nint to,
        int channel,
        Affine affine,
        TActivation activation
    )
        where TActivation : struct, IActivation
    {
        var keep = Vector512.Create(affine.Keep[channel]);
        Vector512<double> level = Vector512<double>.Zero,
            along = level;
        for (var start = from; start < to; start += Run * Vectors.Lanes)
        {
            V h = V.Zero,
                hy = V.Zero;
            var end = Math.Min(to, start + Run * Vectors.Lanes);
            for (var at = start; at < end; at += Vectors.Lanes)
            {
                var y = Vectors.Load(raw + at, to - at);
                var g = keep * Vectors.Load(gradient + at, to - at);
                g *= activation.Derivative(affine.Of(channel, y));
                h += g;
                hy = Vector512.FusedMultiplyAdd(g, y, hy);
            }
            level += Vectors.Widened(h);
            along += Vectors.Widened(hy);
        }
        return (Vector512.Sum(level), Vector512.Sum(along));
    }
}
