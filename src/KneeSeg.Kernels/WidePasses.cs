using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KneeSeg.Kernels.Winograd;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels;

/// <summary>Feature maps of a batch, float32 <c>[N, D, H, W, C]</c> without gaps.</summary>
/// <param name="first">The first number.</param>
/// <param name="images">N.</param>
/// <param name="voxels">Of an image.</param>
/// <param name="channels">C.</param>
internal readonly unsafe struct WideMaps(float* first, int images, nint voxels, int channels)
{
    /// <summary>Channels have to be a multiple of this.</summary>
    public const int ChannelMultiple = 8;

    public int Images => images;

    public nint Voxels => voxels;

    public int Channels => channels;

    /// <summary>A voxel's channels from a block of sixteen on.</summary>
    public float* At(int image, nint voxel, int block) =>
        first + (image * voxels + voxel) * channels + 16 * block;
}

/// <summary>Passes over wide maps voxel by voxel, as <see cref="VoxelPasses"/> are over narrow ones.</summary>
internal static unsafe class WidePasses
{
    private const int MostParts = 16;

    // Voxels that are summed in float32 before they are added in double precision; their channels stay in the first-level cache.
    private const int Run = 64;

    /// <summary>output = keep·activation(factor·raw + addend); output may be raw.</summary>
    /// <param name="affines">By image.</param>
    public static void Finish<TActivation>(
        IWorkers workers,
        WideMaps raw,
        WideMaps output,
        Affine[] affines,
        TActivation activation
    )
        where TActivation : struct, IActivation =>
        ForRuns(
            workers,
            raw,
            (image, block, voxel, count, _) =>
                FinishBlock(
                    raw.At(image, voxel, block),
                    output.At(image, voxel, block),
                    new(affines[image], block),
                    count,
                    activation
                )
        );

    /// <summary>Adds to sums Σy and Σy² of each channel of each image.</summary>
    public static void AddMoments(IWorkers workers, WideMaps raw, Span<double> sums) =>
        AddGradientSums(
            workers,
            raw,
            raw,
            [.. Enumerable.Repeat(Affine.None(raw.Channels), raw.Images)],
            default(Identity),
            sums
        );

    /// <summary>
    /// Adds to sums Σh and Σh·y of each channel of each image, where h = keep·activation'(factor·y + addend)·gradient.
    /// </summary>
    public static void AddGradientSums<TActivation>(
        IWorkers workers,
        WideMaps raw,
        WideMaps gradient,
        Affine[] affines,
        TActivation activation,
        Span<double> sums
    )
        where TActivation : struct, IActivation
    {
        var parts = PartsOf(raw);
        var each = ChannelBlock.Count(raw.Channels) * 32;
        var partial = new double[raw.Images * parts * each];
        ForRuns(
            workers,
            raw,
            (image, block, voxel, count, part) =>
            {
                fixed (double* own = &partial[(image * parts + part) * each + block * 32])
                    AddBlockSums(
                        raw.At(image, voxel, block),
                        gradient.At(image, voxel, block),
                        new(affines[image], block),
                        count,
                        activation,
                        own
                    );
            }
        );
        for (var i = 0; i < raw.Images * raw.Channels; i++)
        {
            var (image, channel) = (i / raw.Channels, i % raw.Channels);
            for (var part = 0; part < parts; part++)
            {
                var at = (image * parts + part) * each + channel / 16 * 32 + channel % 16;
                sums[2 * i] += partial[at];
                sums[2 * i + 1] += partial[at + 16];
            }
        }
    }

    /// <summary>The gradient of raw: factor·h + slope·y + offset.</summary>
    /// <param name="affines">By image, as forward.</param>
    /// <param name="statistics">By image: what the norm adds.</param>
    public static void Backward<TActivation>(
        IWorkers workers,
        WideMaps raw,
        WideMaps gradient,
        WideMaps ofRaw,
        Affine[] affines,
        BackwardAffine[] statistics,
        TActivation activation
    )
        where TActivation : struct, IActivation =>
        ForRuns(
            workers,
            raw,
            (image, block, voxel, count, _) =>
                BackwardBlock(
                    raw.At(image, voxel, block),
                    gradient.At(image, voxel, block),
                    ofRaw.At(image, voxel, block),
                    new(affines[image], block),
                    Lanes.Of(statistics[image].Slope, block),
                    Lanes.Of(statistics[image].Offset, block),
                    count,
                    activation
                )
        );

    private delegate void Work(int image, int block, nint voxel, int count, int part);

    private static int PartsOf(WideMaps maps) => (int)Math.Clamp(maps.Voxels / Run, 1, MostParts);

    private static void ForRuns(IWorkers workers, WideMaps maps, Work work)
    {
        var parts = PartsOf(maps);
        var blocks = ChannelBlock.Count(maps.Channels);
        workers.Run(
            maps.Images * parts,
            task =>
            {
                var (image, part) = (task / parts, task % parts);
                var to = (part + 1) * maps.Voxels / parts;
                for (var voxel = part * maps.Voxels / parts; voxel < to; voxel += Run)
                for (var block = 0; block < blocks; block++)
                    work(image, block, voxel, (int)Math.Min(Run, to - voxel), part);
            }
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FinishBlock<TActivation>(
        float* raw,
        float* output,
        Lanes lanes,
        int count,
        TActivation activation
    )
        where TActivation : struct, IActivation
    {
        for (var i = 0; i < count; i++, raw += lanes.Stride, output += lanes.Stride)
        {
            var y = ChannelBlock.Load(raw, lanes.IsHalf);
            var value = lanes.Keep * activation.Value(lanes.Line(y));
            ChannelBlock.Store(value, output, lanes.IsHalf);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBlockSums<TActivation>(
        float* raw,
        float* gradient,
        Lanes lanes,
        int count,
        TActivation activation,
        double* sums
    )
        where TActivation : struct, IActivation
    {
        V level = V.Zero,
            along = level;
        for (var i = 0; i < count; i++, raw += lanes.Stride, gradient += lanes.Stride)
        {
            var y = ChannelBlock.Load(raw, lanes.IsHalf);
            var h = lanes.Through(y, ChannelBlock.Load(gradient, lanes.IsHalf), activation);
            level += h;
            along = Vector512.FusedMultiplyAdd(h, y, along);
        }
        Add(level, sums);
        Add(along, sums + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardBlock<TActivation>(
        float* raw,
        float* gradient,
        float* ofRaw,
        Lanes lanes,
        V slope,
        V offset,
        int count,
        TActivation activation
    )
        where TActivation : struct, IActivation
    {
        for (
            var i = 0;
            i < count;
            i++, raw += lanes.Stride, gradient += lanes.Stride, ofRaw += lanes.Stride
        )
        {
            var y = ChannelBlock.Load(raw, lanes.IsHalf);
            var h = lanes.Through(y, ChannelBlock.Load(gradient, lanes.IsHalf), activation);
            var value = Vector512.FusedMultiplyAdd(
                lanes.Factor,
                h,
                Vector512.FusedMultiplyAdd(slope, y, offset)
            );
            ChannelBlock.Store(value, ofRaw, lanes.IsHalf);
        }
    }

    private static void Add(V value, double* sums)
    {
        var (low, high) = Vector512.Widen(value);
        (Vector512.Load(sums) + low).Store(sums);
        (Vector512.Load(sums + 8) + high).Store(sums + 8);
    }

    /// <summary>An <see cref="Affine"/>'s numbers for a block of channels.</summary>
    private readonly struct Lanes(Affine affine, int block)
    {
        public V Factor { get; } = Of(affine.Factor, block);

        public V Addend { get; } = Of(affine.Addend, block);

        public V Keep { get; } = Of(affine.Keep, block);

        public bool IsHalf { get; } = ChannelBlock.IsHalf(block, affine.Factor.Length);

        /// <summary>Floats to the next voxel.</summary>
        public int Stride { get; } = affine.Factor.Length;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Line(V y) => Vector512.FusedMultiplyAdd(y, Factor, Addend);

        /// <summary>keep·gradient·activation'(factor·y + addend).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Through<TActivation>(V y, V gradient, TActivation activation)
            where TActivation : struct, IActivation =>
            Keep * gradient * activation.Derivative(Line(y));

        public static V Of(float[] numbers, int block)
        {
            fixed (float* first = numbers)
                return ChannelBlock.Load(
                    first + 16 * block,
                    ChannelBlock.IsHalf(block, numbers.Length)
                );
        }
    }
}
