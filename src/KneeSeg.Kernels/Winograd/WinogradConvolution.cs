using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels.Winograd;

/// <summary>
/// A wide convolution of stride 1 with a kernel of 3×3×3, 1×3×3 or (in 2D) 3×3 by <see cref="Transforms"/>, which takes 3.4 or 2.25
/// times fewer multiplications. Maps are <see cref="ChannelBlock"/>s of <c>[N, D, H, W, C]</c>, kernels <c>[taps, C, O]</c>.
/// </summary>
/// <remarks>
/// A tile is 2×2×2 (1×2×2) voxels of the output. Some tiles at a time are transformed to points, multiplied with the kernel point by
/// point, and transformed back, while all of them are in the second-level cache.
/// </remarks>
internal sealed unsafe class WinogradConvolution
{
    /// <summary>Channels have to be a multiple of this.</summary>
    public const int ChannelMultiple = 8;

    // Points of the tiles that are computed at a time, inputs and outputs: half of a second-level cache.
    private const int Cached = 1 << 18;

    // Sums of the kernel's gradient over the parts of a map.
    private const int MostSums = 1 << 20;

    // Tasks of a map, whatever the number of threads: so many at least where its size allows it, and parts with sums of their own.
    private const int Tasks = 8;

    private readonly int inputs;
    private readonly int outputs;
    private readonly bool isDeep;

    // The tiles of an image follow each other along the first of these axes, and so do their planes in memory: width, depth and height
    // in a volume. Planes of a kernel of depth 1 are images of their own, of one plane.
    private readonly Extent size;
    private readonly Extent step;
    private readonly Extent outputSize;
    private readonly Extent outputStep;
    private readonly Extent before;
    private readonly Extent taps;
    private readonly Extent tapStep;
    private readonly int points;
    private readonly int inputBlocks;
    private readonly int outputBlocks;
    private readonly Extent tiles;
    private readonly int tileCount;
    private readonly int parts;
    private readonly Chunking forward;
    private readonly Chunking backward;

    // Floats from a point to the next; the line between them keeps points from falling into the same set of a cache.
    private readonly nint pointOfWeights;
    private readonly nint pointOfSums;

    /// <param name="images">N.</param>
    /// <param name="inputs">Channels C, a multiple of 8.</param>
    /// <param name="outputs">Channels O, a multiple of 8.</param>
    /// <param name="size">Of the input.</param>
    /// <param name="depth">Of the kernel, 1 or 3.</param>
    /// <param name="before">Padding before the first voxel.</param>
    /// <param name="after">Padding behind the last.</param>
    public WinogradConvolution(
        int images,
        int inputs,
        int outputs,
        Extent size,
        int depth,
        Extent before,
        Extent after
    )
    {
        (this.inputs, this.outputs) = (inputs, outputs);
        isDeep = depth == 3;
        OutputSize = new(
            size.Depth + before.Depth + after.Depth - depth + 1,
            size.Height + before.Height + after.Height - 2,
            size.Width + before.Width + after.Width - 2
        );
        this.size = Turned(size);
        outputSize = Turned(OutputSize);
        this.before = Turned(before);
        (step, outputStep) = (Steps(size), Steps(OutputSize));
        taps = new(depth, 3, 3);
        tapStep = Steps(Extent.All(3));
        images *= isDeep ? 1 : size.Depth;
        points = isDeep ? 4 * Transforms.Plane : Transforms.Plane;
        (inputBlocks, outputBlocks) = ((inputs + 15) / 16, (outputs + 15) / 16);
        tiles = new(
            (outputSize.Depth + 1) / 2,
            (outputSize.Height + 1) / 2,
            (outputSize.Width + 1) / 2
        );
        tileCount = images * (int)tiles.Voxels;
        pointOfWeights = (nint)outputBlocks * inputs * 16 + 16;
        pointOfSums = (nint)outputBlocks * inputBlocks * 256 + 16;
        forward = new(this, Tasks);
        parts = Math.Clamp((int)(MostSums / PartSums), 1, Math.Min(Tasks, forward.Count));
        backward = new(this, parts);
    }

    public Extent OutputSize { get; }

    /// <summary>Floats that <see cref="Forward"/> needs beside.</summary>
    public long ForwardWorkspace => points * pointOfWeights;

    /// <summary>Floats that <see cref="KernelGradient"/> needs beside.</summary>
    public long GradientWorkspace => parts * PartSums;

    private long PartSums => points * pointOfSums;

    private Extent Turned(Extent axes) =>
        isDeep ? new(axes.Width, axes.Depth, axes.Height) : axes with { Depth = 1 };

    /// <summary>Voxels from one to the next, by axes in that order.</summary>
    private Extent Steps(Extent axes) =>
        isDeep ? new(1, (int)axes.Plane, axes.Width) : new(0, axes.Width, 1);

    /// <summary>How tiles are divided.</summary>
    private readonly struct Chunking
    {
        /// <param name="of">The convolution.</param>
        /// <param name="tasks">So many chunks at least, where there are enough tiles.</param>
        public Chunking(WinogradConvolution of, int tasks)
        {
            var cached = Cached / (of.points * (of.inputBlocks + of.outputBlocks) * 16);
            var shared = (of.tileCount + tasks - 1) / tasks;
            Length = Math.Max(1, Math.Min(cached, shared) / Panels.SingleRows) * Panels.SingleRows;
            Count = (of.tileCount + Length - 1) / Length;
            Groups = Math.Clamp(Tasks / Math.Min(tasks, Count), 1, (of.outputBlocks + 1) / 2);
            PointOfInputs = (nint)of.inputBlocks * Length * 16 + 16;
            PointOfOutputs = (nint)of.outputBlocks * Length * 16 + 16;
        }

        /// <summary>Tiles of a chunk, a multiple of the rows that are computed at once.</summary>
        public int Length { get; }

        public int Count { get; }

        /// <summary>Of the blocks of outputs, where chunks alone are too few tasks.</summary>
        public int Groups { get; }

        public nint PointOfInputs { get; }

        public nint PointOfOutputs { get; }
    }

    /// <summary>output = rectifier(conv(input) + bias).</summary>
    /// <param name="kernel"><c>[taps, C, O]</c>.</param>
    /// <param name="isMirrored">Whether taps are taken in reverse, as for the gradient of an input.</param>
    /// <param name="bias">Null without one.</param>
    /// <param name="workspace">Of <see cref="ForwardWorkspace"/>.</param>
    public void Forward(
        IWorkers workers,
        ChannelBlock[] input,
        float* kernel,
        bool isMirrored,
        float* bias,
        Rectifier rectifier,
        ChannelBlock[] output,
        float* workspace
    )
    {
        workers.Run(outputBlocks, block => TransformKernel(kernel, isMirrored, block, workspace));
        workers.Run(
            forward.Count * forward.Groups,
            task =>
            {
                var chunk = stackalloc Tile[forward.Length];
                var count = Fill(chunk, task / forward.Groups, forward);
                var (from, to) = Share(outputBlocks, task % forward.Groups, forward.Groups);
                var values = Scratch.Of(points * (forward.PointOfInputs + forward.PointOfOutputs));
                var answers = values + points * forward.PointOfInputs;
                TransformInputs(input, chunk, count, values, forward);
                for (var point = 0; point < points; point++)
                    Multiply(
                        values + point * forward.PointOfInputs,
                        workspace + point * pointOfWeights,
                        answers + point * forward.PointOfOutputs,
                        count,
                        from,
                        to
                    );
                TransformBack(answers, bias, rectifier, chunk, count, from, to, output);
            }
        );
    }

    /// <summary>The gradients of kernel and bias.</summary>
    /// <param name="gradient">Of the output.</param>
    /// <param name="ofKernel"><c>[taps, C, O]</c>.</param>
    /// <param name="ofBias">Gets the sums of the gradient.</param>
    /// <param name="workspace">Of <see cref="GradientWorkspace"/>.</param>
    public void KernelGradient(
        IWorkers workers,
        ChannelBlock[] input,
        ChannelBlock[] gradient,
        float* ofKernel,
        Span<double> ofBias,
        float* workspace
    )
    {
        var sums = new double[parts * outputBlocks * 16];
        workers.Run(
            parts * backward.Groups,
            task =>
            {
                var part = task / backward.Groups;
                var (from, to) = Share(outputBlocks, task % backward.Groups, backward.Groups);
                var (first, last) = Share(backward.Count, part, parts);
                var values = Scratch.Of(
                    points * (backward.PointOfInputs + backward.PointOfOutputs)
                );
                var gradients = values + points * backward.PointOfInputs;
                var chunk = stackalloc Tile[backward.Length];
                var own = workspace + part * PartSums;
                for (var i = first; i < last; i++)
                {
                    var count = Fill(chunk, i, backward);
                    TransformInputs(input, chunk, count, values, backward);
                    fixed (double* sum = &sums[part * outputBlocks * 16])
                        TransformGradients(gradient, chunk, count, from, to, gradients, sum);
                    for (var point = 0; point < points; point++)
                        AddProducts(
                            values + point * backward.PointOfInputs,
                            gradients + point * backward.PointOfOutputs,
                            own + point * pointOfSums,
                            count,
                            from,
                            to,
                            adds: i > first
                        );
                }
            }
        );
        workers.Run(outputBlocks, block => TransformSums(workspace, block, ofKernel));
        for (var o = 0; o < outputs; o++)
        for (var part = 0; part < parts; part++)
            ofBias[o] += sums[part * outputBlocks * 16 + o];
    }

    /// <summary>Points of the kernel: each <c>[block of O, C, 16]</c>.</summary>
    private void TransformKernel(float* kernel, bool isMirrored, int block, float* points)
    {
        var last = isMirrored ? (int)taps.Voxels - 1 : 0;
        var isHalf = IsHalf(block, outputs);
        var planes = stackalloc V[3 * Transforms.Plane];
        var rows = stackalloc V[12];
        for (var c = 0; c < inputs; c++)
        {
            for (var z = 0; z < taps.Depth; z++)
            {
                for (var y = 0; y < 3; y++)
                    (rows[4 * y], rows[4 * y + 1], rows[4 * y + 2], rows[4 * y + 3]) =
                        Transforms.Weights(Tap(z, y, 0), Tap(z, y, 1), Tap(z, y, 2));
                var plane = planes + z * Transforms.Plane;
                for (var x = 0; x < 4; x++)
                    (plane[x], plane[4 + x], plane[8 + x], plane[12 + x]) = Transforms.Weights(
                        rows[x],
                        rows[4 + x],
                        rows[8 + x]
                    );
            }
            var to = points + ((nint)block * inputs + c) * 16;
            for (var i = 0; i < Transforms.Plane; i++, to += pointOfWeights)
                if (isDeep)
                {
                    var (p0, p1, p2, p3) = Transforms.Weights(
                        planes[i],
                        planes[Transforms.Plane + i],
                        planes[2 * Transforms.Plane + i]
                    );
                    p0.Store(to);
                    p1.Store(to + Transforms.Plane * pointOfWeights);
                    p2.Store(to + 2 * Transforms.Plane * pointOfWeights);
                    p3.Store(to + 3 * Transforms.Plane * pointOfWeights);
                }
                else
                    planes[i].Store(to);

            V Tap(int z, int y, int x) =>
                Load(
                    kernel
                        + ((nint)Math.Abs(last - At(tapStep, z, y, x)) * inputs + c) * outputs
                        + block * 16,
                    isHalf
                );
        }
    }

    /// <summary>The kernel's gradient from the sums of all parts, in their order.</summary>
    private void TransformSums(float* sums, int block, float* ofKernel)
    {
        var isHalf = IsHalf(block, outputs);
        var numbers = stackalloc V[4 * Transforms.Plane];
        for (var c = 0; c < inputs; c++)
        {
            var from = sums + ((nint)block * inputBlocks * 16 + c) * 16;
            for (var point = 0; point < points; point++, from += pointOfSums)
                numbers[point] = SumOfParts(from);
            if (isDeep)
                for (var i = 0; i < Transforms.Plane; i++)
                    (numbers[i], numbers[Transforms.Plane + i], numbers[2 * Transforms.Plane + i]) =
                        Transforms.WeightGradients(
                            numbers[i],
                            numbers[Transforms.Plane + i],
                            numbers[2 * Transforms.Plane + i],
                            numbers[3 * Transforms.Plane + i]
                        );
            for (var z = 0; z < taps.Depth; z++)
            {
                var plane = numbers + z * Transforms.Plane;
                for (var x = 0; x < 4; x++)
                    (plane[x], plane[4 + x], plane[8 + x]) = Transforms.WeightGradients(
                        plane[x],
                        plane[4 + x],
                        plane[8 + x],
                        plane[12 + x]
                    );
                for (var y = 0; y < 3; y++)
                {
                    var (w0, w1, w2) = Transforms.WeightGradients(
                        plane[4 * y],
                        plane[4 * y + 1],
                        plane[4 * y + 2],
                        plane[4 * y + 3]
                    );
                    var to = ofKernel + (At(tapStep, z, y, 0) * inputs + c) * outputs + block * 16;
                    var next = (nint)tapStep.Width * inputs * outputs;
                    Store(w0, to, isHalf);
                    Store(w1, to + next, isHalf);
                    Store(w2, to + 2 * next, isHalf);
                }
            }
        }
    }

    private V SumOfParts(float* from)
    {
        var (low, high) = Vector512.Widen(Vector512.Load(from));
        for (var part = 1; part < parts; part++)
        {
            var (nextLow, nextHigh) = Vector512.Widen(Vector512.Load(from += PartSums));
            (low, high) = (low + nextLow, high + nextHigh);
        }
        return Vector512.Narrow(low, high);
    }

    /// <summary>Points of the input of some tiles: each <c>[block of C, tile, 16]</c>.</summary>
    private void TransformInputs(
        ChannelBlock[] input,
        Tile* chunk,
        int count,
        float* points,
        Chunking chunking
    )
    {
        var first = stackalloc V[2 * Transforms.Plane];
        var second = stackalloc V[2 * Transforms.Plane];
        for (var block = 0; block < inputBlocks; block++)
        {
            var to = points + (nint)block * chunking.Length * 16;
            for (var i = 0; i < count; i++, to += 16)
            {
                var tile = chunk[i];
                if (!isDeep)
                {
                    TransformPlane(input, tile, 0, block, to, chunking.PointOfInputs);
                    continue;
                }
                var z = 2 * tile.Depth - before.Depth;
                // Tiles that follow each other overlap by two planes.
                if (i == 0 || tile.Depth == 0)
                {
                    TransformPlane(input, tile, z, block, (float*)first, 16);
                    TransformPlane(
                        input,
                        tile,
                        z + 1,
                        block,
                        (float*)(first + Transforms.Plane),
                        16
                    );
                }
                TransformPlane(input, tile, z + 2, block, (float*)second, 16);
                TransformPlane(input, tile, z + 3, block, (float*)(second + Transforms.Plane), 16);
                Transforms.DeepValues(first, second, to, chunking.PointOfInputs);
                var last = first;
                first = second;
                second = last;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformPlane(
        ChannelBlock[] input,
        Tile tile,
        int z,
        int block,
        float* to,
        nint pitch
    )
    {
        if (z < 0 || z >= size.Depth)
        {
            for (var i = 0; i < Transforms.Plane; i++)
                V.Zero.Store(to + i * pitch);
            return;
        }
        var (y, x) = (2 * tile.Height - before.Height, 2 * tile.Width - before.Width);
        var from = input[block];
        var (row, column) = (step.Height * from.Stride, step.Width * from.Stride);
        var at = from.First + (tile.Image * size.Voxels + At(step, z, y, x)) * from.Stride;
        var isHalf = IsHalf(block, inputs);
        if (!isHalf && y >= 0 && y + 4 <= size.Height && x >= 0 && x + 4 <= size.Width)
            Transforms.Values(new InnerVoxels(at, row, column), to, pitch);
        else
            Transforms.Values(
                new OuterVoxels(
                    at,
                    row,
                    column,
                    Inside.Of(y, size.Height),
                    Inside.Of(x, size.Width),
                    isHalf
                ),
                to,
                pitch
            );
    }

    /// <summary>Points of the output's gradient of some tiles, and its sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformGradients(
        ChannelBlock[] gradient,
        Tile* chunk,
        int count,
        int from,
        int to,
        float* points,
        double* sums
    )
    {
        var planes = stackalloc V[2 * Transforms.Plane];
        for (var block = from; block < to; block++)
        {
            var map = gradient[block];
            var (row, column) = (outputStep.Height * map.Stride, outputStep.Width * map.Stride);
            var isHalf = IsHalf(block, outputs);
            var target = points + (nint)block * backward.Length * 16;
            var (low, high) = (Vector512<double>.Zero, Vector512<double>.Zero);
            for (var i = 0; i < count; i++, target += 16)
            {
                ref var tile = ref chunk[i];
                var (y, x) = (2 * tile.Height, 2 * tile.Width);
                var sum = V.Zero;
                for (var plane = 0; plane < (isDeep ? 2 : 1); plane++)
                {
                    var z = 2 * tile.Depth + plane;
                    var at =
                        map.First
                        + (tile.Image * outputSize.Voxels + At(outputStep, z, y, x)) * map.Stride;
                    var voxels = new OuterVoxels(
                        at,
                        row,
                        column,
                        Inside.Of(y, z < outputSize.Depth ? outputSize.Height : 0),
                        Inside.Of(x, outputSize.Width),
                        isHalf
                    );
                    sum += voxels.At(0, 0) + voxels.At(0, 1) + (voxels.At(1, 0) + voxels.At(1, 1));
                    if (isDeep)
                        Transforms.Gradients(
                            voxels,
                            (float*)(planes + plane * Transforms.Plane),
                            16
                        );
                    else
                        Transforms.Gradients(voxels, target, backward.PointOfOutputs);
                }
                if (isDeep)
                    Transforms.DeepGradients(planes, target, backward.PointOfOutputs);
                var (sumLow, sumHigh) = Vector512.Widen(sum);
                (low, high) = (low + sumLow, high + sumHigh);
            }
            var total = sums + block * 16;
            (Vector512.Load(total) + low).Store(total);
            (Vector512.Load(total + 8) + high).Store(total + 8);
        }
    }

    /// <summary>The output of some tiles from its points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformBack(
        float* points,
        float* bias,
        Rectifier rectifier,
        Tile* chunk,
        int count,
        int from,
        int to,
        ChannelBlock[] output
    )
    {
        var planes = stackalloc V[2 * Transforms.Plane];
        for (var block = from; block < to; block++)
        {
            var map = output[block];
            var (row, column) = (outputStep.Height * map.Stride, outputStep.Width * map.Stride);
            var isHalf = IsHalf(block, outputs);
            var offset = bias is null ? V.Zero : Load(bias + block * 16, isHalf);
            var source = points + (nint)block * forward.Length * 16;
            for (var i = 0; i < count; i++, source += 16)
            {
                ref var tile = ref chunk[i];
                if (isDeep)
                    Transforms.DeepAnswers(source, forward.PointOfOutputs, planes);
                var (y, x) = (2 * tile.Height, 2 * tile.Width);
                for (var plane = 0; plane < (isDeep ? 2 : 1); plane++)
                {
                    var z = 2 * tile.Depth + plane;
                    if (z >= outputSize.Depth)
                        break;
                    var (y00, y01, y10, y11) = isDeep
                        ? Transforms.Answers((float*)(planes + plane * Transforms.Plane), 16)
                        : Transforms.Answers(source, forward.PointOfOutputs);
                    var at =
                        map.First
                        + (tile.Image * outputSize.Voxels + At(outputStep, z, y, x)) * map.Stride;
                    var (isWide, isHigh) = (x + 1 < outputSize.Width, y + 1 < outputSize.Height);
                    Store(rectifier.Value(y00 + offset), at, isHalf);
                    if (isWide)
                        Store(rectifier.Value(y01 + offset), at + column, isHalf);
                    if (isHigh)
                        Store(rectifier.Value(y10 + offset), at + row, isHalf);
                    if (isWide && isHigh)
                        Store(rectifier.Value(y11 + offset), at + row + column, isHalf);
                }
            }
        }
    }

    /// <summary>answers[block, tile] = Σ over C of values[tile, C]·weights[block, C], at one point.</summary>
    private void Multiply(
        float* values,
        float* weights,
        float* answers,
        int count,
        int from,
        int to
    )
    {
        nint panel = forward.Length * 16;
        var kernel = (nint)inputs * 16;
        for (var block = from; block < to; block += 2)
        {
            var b = weights + block * kernel;
            var c = answers + block * panel;
            if (block + 1 < to)
                for (var tile = 0; tile < count; tile += Panels.PairRows)
                    Panels.Pair<Row>(
                        values + tile * 16,
                        1,
                        16,
                        panel - 16,
                        inputs,
                        b,
                        kernel,
                        c + tile * 16,
                        panel,
                        adds: false
                    );
            else
                for (var tile = 0; tile < count; tile += Panels.SingleRows)
                    Panels.Single<Row>(
                        values + tile * 16,
                        1,
                        16,
                        panel - 16,
                        inputs,
                        b,
                        c + tile * 16,
                        adds: false
                    );
        }
    }

    /// <summary>sums[block of O, C] (+)= Σ over tiles of values[tile, C]·gradients[tile, block of O], at one point.</summary>
    private void AddProducts(
        float* values,
        float* gradients,
        float* sums,
        int count,
        int from,
        int to,
        bool adds
    )
    {
        nint panel = backward.Length * 16;
        nint kernel = inputBlocks * 256;
        for (var block = from; block < to; block += 2)
        for (var input = 0; input < inputBlocks; input++)
        {
            var a = values + input * panel;
            var b = gradients + block * panel;
            var c = sums + block * kernel + input * 256;
            if (block + 1 < to)
                for (var lane = 0; lane < 16; lane += Panels.PairRows)
                    Panels.Pair<Lane>(
                        a + lane,
                        16,
                        count,
                        0,
                        count,
                        b,
                        panel,
                        c + lane * 16,
                        kernel,
                        adds
                    );
            else
                Panels.Single<Lane>(a, 16, count, 0, count, b, c, adds);
        }
    }

    /// <summary>The tiles of a chunk; returns how many.</summary>
    private int Fill(Tile* chunk, int index, Chunking chunking)
    {
        var first = index * chunking.Length;
        var count = Math.Min(chunking.Length, tileCount - first);
        for (var i = 0; i < count; i++)
        {
            var column = (first + i) / tiles.Depth;
            chunk[i] = new(
                column / (int)tiles.Plane,
                (first + i) % tiles.Depth,
                column / tiles.Width % tiles.Height,
                column % tiles.Width
            );
        }
        return count;
    }

    private static nint At(Extent step, int z, int y, int x) =>
        (nint)z * step.Depth + (nint)y * step.Height + (nint)x * step.Width;

    private static bool IsHalf(int block, int channels) => channels - block * 16 < 16;

    private static (int From, int To) Share(int all, int index, int count) =>
        (all * index / count, all * (index + 1) / count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(float* from, bool isHalf) =>
        isHalf ? Vector256.Load(from).ToVector512() : Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V value, float* to, bool isHalf)
    {
        if (isHalf)
            value.GetLower().Store(to);
        else
            value.Store(to);
    }

    private readonly record struct Tile(int Image, int Depth, int Height, int Width);
}
