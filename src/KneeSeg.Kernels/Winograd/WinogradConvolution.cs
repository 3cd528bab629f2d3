using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels.Winograd;

/// <summary>
/// A wide convolution of stride 1 with a kernel of 3×3×3, 1×3×3 or (in 2D) 3×3 by <see cref="Transforms"/>, which takes 4.5 or 2.25
/// times fewer multiplications. Maps are <see cref="ChannelBlock"/>s of <c>[N, D, H, W, C]</c>, kernels <c>[taps, C, O]</c>.
/// </summary>
/// <remarks>
/// A tile is 2×2×4 (1×2×2) voxels of the output. Some tiles at a time are transformed to points, multiplied with the kernel point by
/// point, and transformed back, while all of them are in the second-level cache.
/// </remarks>
[SkipLocalsInit]
internal sealed unsafe class WinogradConvolution
{
    // Floats of the gradients of a kernel's points, over the parts of a map that have sums of their own.
    private const int MostSums = 1 << 20;

    private readonly int inputs;
    private readonly int outputs;
    private readonly bool isDeep;
    private readonly int inputBlocks;
    private readonly int outputBlocks;
    private readonly Extent size;
    private readonly Strides step;
    private readonly Extent outputSize;
    private readonly Strides outputStep;
    private readonly Extent before;
    private readonly KernelPoints kernelPoints;
    private readonly Chunking forward;
    private readonly Chunking backward;
    private readonly int parts;

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
        this.size = Strides.Turned(size, isDeep);
        outputSize = Strides.Turned(OutputSize, isDeep);
        this.before = Strides.Turned(before, isDeep);
        (step, outputStep) = (Strides.Of(size, isDeep), Strides.Of(OutputSize, isDeep));
        (inputBlocks, outputBlocks) = (ChannelBlock.Count(inputs), ChannelBlock.Count(outputs));
        kernelPoints = new(inputs, outputs, depth);
        var tiles = new Extent(
            (outputSize.Depth + TilePlanes - 1) / TilePlanes,
            (outputSize.Height + 1) / 2,
            (outputSize.Width + 1) / 2
        );
        forward = Divided(Chunking.Tasks);
        parts = Math.Clamp(
            (int)(MostSums / kernelPoints.Sums),
            1,
            Math.Min(Chunking.Tasks, forward.Count)
        );
        backward = Divided(parts);

        Chunking Divided(int tasks) =>
            new(
                isDeep ? images : images * size.Depth,
                tiles,
                Points,
                inputBlocks,
                outputBlocks,
                tasks
            );
    }

    public Extent OutputSize { get; }

    /// <summary>Floats that <see cref="Forward"/> needs beside.</summary>
    public long ForwardWorkspace => kernelPoints.Weights;

    /// <summary>Floats that <see cref="KernelGradient"/> needs beside.</summary>
    public long GradientWorkspace => parts * kernelPoints.Sums;

    private int Points => kernelPoints.Count;

    /// <summary>Planes of outputs of a tile.</summary>
    private int TilePlanes => isDeep ? DeepTransforms.Answered : 1;

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
        workers.Run(
            outputBlocks,
            block => kernelPoints.Transform(kernel, isMirrored, block, workspace)
        );
        workers.Run(
            forward.Count * forward.Groups,
            task =>
            {
                var chunk = stackalloc Tile[forward.Length];
                var count = forward.Fill(chunk, task / forward.Groups);
                var (from, to) = Share(outputBlocks, task % forward.Groups, forward.Groups);
                var values = Scratch.Of(Points * (forward.PointOfInputs + forward.PointOfOutputs));
                var answers = values + Points * forward.PointOfInputs;
                TransformInputs(input, chunk, count, values, forward);
                for (var point = 0; point < Points; point++)
                    Multiply(
                        values + point * forward.PointOfInputs,
                        workspace + point * kernelPoints.PointOfWeights,
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
                    Points * (backward.PointOfInputs + backward.PointOfOutputs)
                );
                var gradients = values + Points * backward.PointOfInputs;
                var chunk = stackalloc Tile[backward.Length];
                var own = workspace + part * kernelPoints.Sums;
                for (var i = first; i < last; i++)
                {
                    var count = backward.Fill(chunk, i);
                    TransformInputs(input, chunk, count, values, backward);
                    fixed (double* sum = &sums[part * outputBlocks * 16])
                        TransformGradients(gradient, chunk, count, from, to, gradients, sum);
                    for (var point = 0; point < Points; point++)
                        AddProducts(
                            values + point * backward.PointOfInputs,
                            gradients + point * backward.PointOfOutputs,
                            own + point * kernelPoints.PointOfSums,
                            count,
                            from,
                            to,
                            adds: i > first
                        );
                }
            }
        );
        workers.Run(
            outputBlocks,
            block => kernelPoints.Gradient(workspace, parts, block, ofKernel)
        );
        for (var o = 0; o < outputs; o++)
        for (var part = 0; part < parts; part++)
            ofBias[o] += sums[part * outputBlocks * 16 + o];
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
        const int Own = DeepTransforms.Answered * Transforms.Plane;
        var start = stackalloc V[DeepTransforms.Shared * Transforms.Plane];
        var own = stackalloc V[Own];
        var other = stackalloc V[Own];
        for (var block = 0; block < inputBlocks; block++)
        {
            var to = points + (nint)block * chunking.Length * 16;
            var shared = start;
            for (var i = 0; i < count; i++, to += 16)
            {
                var tile = chunk[i];
                if (!isDeep)
                {
                    TransformPlane(input, tile, 0, block, to, chunking.PointOfInputs);
                    continue;
                }
                var z = TilePlanes * tile.Depth - before.Depth;
                if (i == 0 || tile.Depth == 0)
                    TransformPlanes(input, tile, z, block, shared = start, DeepTransforms.Shared);
                z += DeepTransforms.Shared;
                TransformPlanes(input, tile, z, block, own, DeepTransforms.Answered);
                DeepTransforms.Values(shared, own, to, chunking.PointOfInputs);
                // The next tile's first planes are the last of this one.
                shared = own + Own - DeepTransforms.Shared * Transforms.Plane;
                var last = own;
                own = other;
                other = last;
            }
        }
    }

    private void TransformPlanes(
        ChannelBlock[] input,
        Tile tile,
        int z,
        int block,
        V* to,
        int count
    )
    {
        for (var plane = 0; plane < count; plane++)
            TransformPlane(
                input,
                tile,
                z + plane,
                block,
                (float*)(to + plane * Transforms.Plane),
                16
            );
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
        var at = from.First + (tile.Image * size.Voxels + step.At(z, y, x)) * from.Stride;
        var isHalf = ChannelBlock.IsHalf(block, inputs);
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
        var planes = stackalloc V[DeepTransforms.Answered * Transforms.Plane];
        for (var block = from; block < to; block++)
        {
            var map = gradient[block];
            var (row, column) = (outputStep.Height * map.Stride, outputStep.Width * map.Stride);
            var isHalf = ChannelBlock.IsHalf(block, outputs);
            var target = points + (nint)block * backward.Length * 16;
            var (low, high) = (Vector512<double>.Zero, Vector512<double>.Zero);
            for (var i = 0; i < count; i++, target += 16)
            {
                ref var tile = ref chunk[i];
                var (y, x) = (2 * tile.Height, 2 * tile.Width);
                var sum = V.Zero;
                for (var plane = 0; plane < TilePlanes; plane++)
                {
                    var z = TilePlanes * tile.Depth + plane;
                    var at =
                        map.First
                        + (tile.Image * outputSize.Voxels + outputStep.At(z, y, x)) * map.Stride;
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
                    DeepTransforms.Gradients(planes, target, backward.PointOfOutputs);
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
        var planes = stackalloc V[DeepTransforms.Answered * Transforms.Plane];
        for (var block = from; block < to; block++)
        {
            var map = output[block];
            var (row, column) = (outputStep.Height * map.Stride, outputStep.Width * map.Stride);
            var isHalf = ChannelBlock.IsHalf(block, outputs);
            var offset = bias is null ? V.Zero : ChannelBlock.Load(bias + block * 16, isHalf);
            var source = points + (nint)block * forward.Length * 16;
            for (var i = 0; i < count; i++, source += 16)
            {
                ref var tile = ref chunk[i];
                if (isDeep)
                    DeepTransforms.Answers(source, forward.PointOfOutputs, planes);
                var (y, x) = (2 * tile.Height, 2 * tile.Width);
                for (var plane = 0; plane < TilePlanes; plane++)
                {
                    var z = TilePlanes * tile.Depth + plane;
                    if (z >= outputSize.Depth)
                        break;
                    var (y00, y01, y10, y11) = isDeep
                        ? Transforms.Answers((float*)(planes + plane * Transforms.Plane), 16)
                        : Transforms.Answers(source, forward.PointOfOutputs);
                    var at =
                        map.First
                        + (tile.Image * outputSize.Voxels + outputStep.At(z, y, x)) * map.Stride;
                    var (isWide, isHigh) = (x + 1 < outputSize.Width, y + 1 < outputSize.Height);
                    ChannelBlock.Store(rectifier.Value(y00 + offset), at, isHalf);
                    if (isWide)
                        ChannelBlock.Store(rectifier.Value(y01 + offset), at + column, isHalf);
                    if (isHigh)
                        ChannelBlock.Store(rectifier.Value(y10 + offset), at + row, isHalf);
                    if (isWide && isHigh)
                        ChannelBlock.Store(
                            rectifier.Value(y11 + offset),
                            at + row + column,
                            isHalf
                        );
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

    private static (int From, int To) Share(int all, int index, int count) =>
        (all * index / count, all * (index + 1) / count);
}
