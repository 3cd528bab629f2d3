using FsCheck.Xunit;

namespace KneeSeg.Kernels.Tests;

/// <summary>Convolutions of random sizes against their definition in double precision.</summary>
[Properties(MaxTest = 30)]
public sealed unsafe class ConvolutionTests
{
    private static readonly PoolWorkers Workers = new(2);

    /// <summary>Any convolution: 2D or 3D, kernels 1 to 5, strides 1 and 2, padding less than the kernel on each side.</summary>
    internal static Geometry Any(Random random)
    {
        var isVolume = random.Next(3) > 0;
        var isEven = random.Next(3) == 0;
        Extent Draw(int least, int most) =>
            Extent.Of(axis =>
                axis > 0 || isVolume ? random.Next(least, most + 1) : Math.Min(least, 1)
            );
        var kernel = isEven ? Extent.All(3) : Draw(1, 5);
        if (!isVolume)
            kernel = kernel with { Depth = 1 };
        var stride = random.Next(2) == 0 ? Extent.All(1) : Draw(1, 2);
        var before = Extent.Of(axis => random.Next(kernel[axis]));
        var after = Extent.Of(axis => random.Next(kernel[axis]));
        var size = Extent.Of(axis =>
            Math.Max(1, kernel[axis] - before[axis] - after[axis])
            + (axis > 0 || isVolume ? random.Next(axis == 2 ? 30 : 9) : 0)
        );
        return new(random.Next(1, 6), random.Next(1, 6), size, kernel, stride, before, after);
    }

    [Property]
    public void Answers_and_their_sums_are_those_of_the_definition(int seed)
    {
        var random = new Random(seed);
        var g = Any(random);
        using var input = new NativeMaps(g.Inputs, g.Size, random);
        using var kernel = new NativeMaps(g.Outputs * g.Inputs, g.Kernel, random);
        using var bias = new NativeMaps(g.Outputs, Extent.All(1), random);
        using var output = new NativeMaps(g.Outputs, g.OutputSize);
        var sums = new double[2 * g.Outputs];
        new Convolution(g).Forward(
            Workers,
            new Plain(input.Maps),
            kernel.Start,
            bias.Start,
            output.Sink,
            sums
        );
        var expected = Reference.Forward(g, input.Values, kernel.Values, bias.Values);
        Reference.Near(expected, output.Values);
        var voxels = (int)g.OutputSize.Voxels;
        for (var o = 0; o < g.Outputs; o++)
        {
            var own = expected.AsSpan(o * voxels, voxels).ToArray();
            Assert.Equal(own.Sum(), sums[2 * o], 1e-5 * (1 + own.Sum(Math.Abs)));
            Assert.Equal(own.Sum(y => y * y), sums[2 * o + 1], 1e-5 * (1 + own.Sum(y => y * y)));
        }
    }

    [Property]
    public void Gradients_are_those_of_the_definition(int seed)
    {
        var random = new Random(seed);
        var g = Any(random);
        using var input = new NativeMaps(g.Inputs, g.Size, random);
        using var kernel = new NativeMaps(g.Outputs * g.Inputs, g.Kernel, random);
        using var gradient = new NativeMaps(g.Outputs, g.OutputSize, random);
        using var ofInput = new NativeMaps(g.Inputs, g.Size);
        var (ofKernel, ofBias) = (new double[g.Weights], new double[g.Outputs]);
        var convolution = new Convolution(g);
        convolution.Backward(
            Workers,
            new Plain(input.Maps),
            new Plain(gradient.Maps),
            kernel.Start,
            new Stored(ofInput.Maps, g.Stride),
            ofKernel,
            ofBias
        );
        Reference.Near(Reference.OfInput(g, gradient.Values, kernel.Values), ofInput.Values);
        Reference.Near(Reference.OfKernel(g, input.Values, gradient.Values), ofKernel);
        Reference.Near(
            [.. gradient.Values.Chunk((int)g.OutputSize.Voxels).Select(own => own.Sum())],
            ofBias,
            1e-5
        );

        // Of a first layer, whose input needs none.
        var alone = new double[g.Weights];
        convolution.Backward(
            Workers,
            new Plain(input.Maps),
            new Plain(gradient.Maps),
            kernel.Start,
            null,
            alone,
            ofBias
        );
        Assert.Equal(ofKernel, alone);
    }

    [Property]
    public void A_transposed_convolution_and_its_gradients_are_those_of_the_definition(int seed)
    {
        var random = new Random(seed);
        var g = Any(random);
        var convolution = new Convolution(g);
        using var coarse = new NativeMaps(g.Outputs, g.OutputSize, random);
        using var kernel = new NativeMaps(g.Outputs * g.Inputs, g.Kernel, random);
        using var bias = new NativeMaps(g.Inputs, Extent.All(1), random);
        using var fine = new NativeMaps(g.Inputs, g.Size);
        convolution.Transposed(
            Workers,
            new Plain(coarse.Maps),
            kernel.Start,
            bias.Start,
            new Stored(fine.Maps, g.Stride)
        );
        var expected = Reference.OfInput(g, coarse.Values, kernel.Values);
        Reference.Near(
            [.. expected.Select((value, i) => value + bias.Values[i / (int)g.Size.Voxels])],
            fine.Values
        );

        using var gradient = new NativeMaps(g.Inputs, g.Size, random);
        using var ofCoarse = new NativeMaps(g.Outputs, g.OutputSize);
        var ofKernel = new double[g.Weights];
        convolution.TransposedBackward(
            Workers,
            new Plain(coarse.Maps),
            new Plain(gradient.Maps),
            kernel.Start,
            ofCoarse.Sink,
            ofKernel
        );
        Reference.Near(Reference.Forward(g, gradient.Values, kernel.Values, null), ofCoarse.Values);
        Reference.Near(Reference.OfKernel(g, gradient.Values, coarse.Values), ofKernel);
    }

    [Theory]
    [InlineData(16, 16, 3)]
    [InlineData(1, 16, 5)]
    [InlineData(9, 5, 2)]
    public void Wide_layers_and_maps_larger_than_a_band_are_computed_too(
        int inputs,
        int outputs,
        int kernelSize
    )
    {
        var random = new Random(1);
        var g = new Geometry(
            inputs,
            outputs,
            new(3, 20, 19),
            Extent.All(kernelSize),
            Extent.All(1),
            Extent.All(kernelSize / 2),
            Extent.All((kernelSize - 1) / 2)
        );
        using var input = new NativeMaps(inputs, g.Size, random);
        using var kernel = new NativeMaps(outputs * inputs, g.Kernel, random);
        using var gradient = new NativeMaps(outputs, g.OutputSize, random);
        using var output = new NativeMaps(outputs, g.OutputSize);
        using var ofInput = new NativeMaps(inputs, g.Size);
        var convolution = new Convolution(g);
        convolution.Forward(Workers, new Plain(input.Maps), kernel.Start, null, output.Sink, []);
        Reference.Near(Reference.Forward(g, input.Values, kernel.Values, null), output.Values);
        var (ofKernel, ofBias) = (new double[g.Weights], new double[outputs]);
        convolution.Backward(
            Workers,
            new Plain(input.Maps),
            new Plain(gradient.Maps),
            kernel.Start,
            ofInput.Sink,
            ofKernel,
            ofBias
        );
        Reference.Near(Reference.OfInput(g, gradient.Values, kernel.Values), ofInput.Values);
        Reference.Near(Reference.OfKernel(g, input.Values, gradient.Values), ofKernel);
    }
}
