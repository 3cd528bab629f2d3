using FsCheck.Xunit;
using KneeSeg.Kernels.Winograd;

namespace KneeSeg.Kernels.Tests;

/// <summary>Winograd's convolutions of random sizes against the definition in double precision.</summary>
[Properties(MaxTest = 12)]
public sealed unsafe class WinogradTests
{
    // Transforms round a little more than a direct sum.
    private const double Tolerance = 3e-6;

    [Property]
    public void Answers_and_gradients_are_those_of_the_definition(int seed)
    {
        var random = new Random(seed);
        using var one = new Case(random, images: random.Next(1, 3));
        one.Run(new(2));
        one.Check();
    }

    [Fact]
    public void A_rectifier_follows_the_bias()
    {
        using var one = new Case(new Random(1), images: 1);
        one.Run(new(2), slope: 0.25f);
        Reference.Near(
            [.. one.Outputs().Select(value => value < 0 ? value * 0.25 : value)],
            one.Output.Values,
            Tolerance
        );
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes()
    {
        var bytes = new[] { 1, 2, 4 }
            .Select(threads =>
            {
                using var one = new Case(new Random(3), images: 2);
                one.Run(new(threads));
                return one.Everything;
            })
            .ToArray();
        Assert.Equal(bytes[0], bytes[1]);
        Assert.Equal(bytes[0], bytes[2]);
    }

    // Maps of so few tiles that blocks of outputs are divided, and of several parts with sums of their own.
    [Theory]
    [InlineData(40, 72, 4)]
    [InlineData(16, 16, 10)]
    public void Deep_layers_and_large_maps_are_computed_too(int inputs, int outputs, int side)
    {
        using var one = new Case(
            new Random(5),
            images: 1,
            new Geometry(
                inputs,
                outputs,
                Extent.All(side),
                Extent.All(3),
                Extent.All(1),
                Extent.All(1),
                Extent.All(1)
            )
        );
        one.Run(new(2));
        one.Check();
    }

    /// <summary>A convolution whose input is a concatenation of two maps, and all that is computed of it.</summary>
    private sealed class Case : IDisposable
    {
        private readonly int images;
        private readonly Geometry g;
        private readonly int[] parts;
        private readonly NativeMaps[] inputs;
        private readonly NativeMaps[] ofInputs;
        private readonly NativeMaps kernel;
        private readonly NativeMaps bias;
        private readonly NativeMaps gradient;
        private readonly NativeMaps ofKernel;
        private readonly double[] ofBias;

        public Case(Random random, int images)
            : this(random, images, Any(random)) { }

        public Case(Random random, int images, Geometry g)
        {
            (this.images, this.g) = (images, g);
            parts = g.Inputs > 16 ? [16, g.Inputs - 16] : [g.Inputs];
            inputs = Array.ConvertAll(parts, part => Maps(part, g.Size, random));
            ofInputs = Array.ConvertAll(parts, part => Maps(part, g.Size, null));
            kernel = new(g.Outputs * g.Inputs, g.Kernel, random);
            bias = new(g.Outputs, Extent.All(1), random);
            gradient = Maps(g.Outputs, g.OutputSize, random);
            Output = Maps(g.Outputs, g.OutputSize, null);
            ofKernel = new(g.Outputs * g.Inputs, g.Kernel);
            ofBias = new double[g.Outputs];
        }

        public NativeMaps Output { get; }

        public double[] Everything =>
            [
                .. Output.Values,
                .. ofInputs.SelectMany(part => part.Values),
                .. ofKernel.Values,
                .. ofBias,
            ];

        public void Run(PoolWorkers workers, float slope = 1)
        {
            var taps = (int)g.Kernel.Voxels;
            using var forth = Turned(kernel.Values, g.Outputs, g.Inputs, taps, [2, 1, 0]);
            using var back = Turned(kernel.Values, g.Outputs, g.Inputs, taps, [2, 0, 1]);
            var depth = g.Kernel.Depth;
            var convolution = new WinogradConvolution(
                images,
                g.Inputs,
                g.Outputs,
                g.Size,
                depth,
                g.Before,
                g.After
            );
            Assert.Equal(g.OutputSize, convolution.OutputSize);
            using var workspace = Workspace(
                Math.Max(convolution.ForwardWorkspace, convolution.GradientWorkspace)
            );
            convolution.Forward(
                workers,
                Blocks(inputs, parts),
                forth.Start,
                isMirrored: false,
                bias.Start,
                new(slope),
                Blocks([Output], [g.Outputs]),
                workspace.Start
            );
            using var sums = new NativeMaps(g.Outputs * g.Inputs, g.Kernel);
            convolution.KernelGradient(
                workers,
                Blocks(inputs, parts),
                Blocks([gradient], [g.Outputs]),
                sums.Start,
                ofBias,
                workspace.Start
            );
            using var ordered = Turned(sums.Values, taps, g.Inputs, g.Outputs, [2, 1, 0]);
            ordered.Floats.CopyTo(new Span<float>(ofKernel.Start, ordered.Floats.Length));
            var adjoint = new WinogradConvolution(
                images,
                g.Outputs,
                g.Inputs,
                g.OutputSize,
                depth,
                Extent.Of(axis => g.Kernel[axis] - 1 - g.Before[axis]),
                Extent.Of(axis => g.Kernel[axis] - 1 - g.After[axis])
            );
            using var other = Workspace(adjoint.ForwardWorkspace);
            adjoint.Forward(
                workers,
                Blocks([gradient], [g.Outputs]),
                back.Start,
                isMirrored: true,
                null,
                new(1),
                Blocks(ofInputs, parts),
                other.Start
            );
        }

        public void Check()
        {
            Reference.Near(Outputs(), Output.Values, Tolerance);
            var gradients = Images(gradient, g.Outputs, g.OutputSize).ToArray();
            var expected = Joined(
                gradients.Select(own => Reference.OfInput(g, own, kernel.Values)),
                g.Inputs,
                g.Size
            );
            Reference.Near(expected, Joined(Inputs(ofInputs), g.Inputs, g.Size), Tolerance);
            var sum = new double[g.Weights];
            foreach (var (own, input) in gradients.Zip(Inputs(inputs)))
            foreach (var (i, value) in Reference.OfKernel(g, input, own).Index())
                sum[i] += value;
            Reference.Near(sum, ofKernel.Values, Tolerance);
            var voxels = (int)g.OutputSize.Voxels;
            Reference.Near(
                [
                    .. Enumerable
                        .Range(0, g.Outputs)
                        .Select(o =>
                            gradients.Sum(own => own[(o * voxels)..((o + 1) * voxels)].Sum())
                        ),
                ],
                ofBias,
                1e-5
            );
        }

        /// <summary>What the output should be.</summary>
        public double[] Outputs() =>
            Joined(
                Inputs(inputs).Select(own => Reference.Forward(g, own, kernel.Values, bias.Values)),
                g.Outputs,
                g.OutputSize
            );

        public void Dispose()
        {
            foreach (
                var maps in (NativeMaps[])
                    [.. inputs, .. ofInputs, kernel, bias, gradient, Output, ofKernel]
            )
                maps.Dispose();
        }

        private static Geometry Any(Random random)
        {
            var kernel = new Extent(random.Next(2) == 0 ? 1 : 3, 3, 3);
            var before = Extent.Of(axis => random.Next(kernel[axis]));
            var after = Extent.Of(axis => random.Next(kernel[axis]));
            var size = Extent.Of(axis =>
                Math.Max(1, kernel[axis] - before[axis] - after[axis]) + random.Next(8)
            );
            return new(
                8 * random.Next(1, 6),
                8 * random.Next(1, 6),
                size,
                kernel,
                Extent.All(1),
                before,
                after
            );
        }

        private NativeMaps Maps(int channels, Extent size, Random? random) =>
            random is null ? new(images * channels, size) : new(images * channels, size, random);

        private static NativeMaps Workspace(long floats) => new(1, new(1, 1, (int)floats));

        private static ChannelBlock[] Blocks(NativeMaps[] maps, int[] channels) =>
            ChannelBlock.Of(Array.ConvertAll(maps, map => (nint)map.Start), channels);

        /// <summary>The maps <c>[C, D, H, W]</c> of each image of some <c>[N, D, H, W, C]</c>.</summary>
        private IEnumerable<double[]> Images(NativeMaps maps, int channels, Extent size)
        {
            var voxels = (int)size.Voxels;
            foreach (var image in maps.Values.Chunk(voxels * channels))
                yield return
                [
                    .. from c in Enumerable.Range(0, channels)
                    from voxel in Enumerable.Range(0, voxels)
                    select image[voxel * channels + c],
                ];
        }

        private IEnumerable<double[]> Inputs(NativeMaps[] of)
        {
            var all = of.Zip(parts, (maps, part) => Images(maps, part, g.Size).ToArray()).ToArray();
            return Enumerable
                .Range(0, images)
                .Select(image => all.SelectMany(part => part[image]).ToArray());
        }

        private static double[] Joined(IEnumerable<double[]> images, int channels, Extent size)
        {
            var voxels = (int)size.Voxels;
            return
            [
                .. from image in images
                from voxel in Enumerable.Range(0, voxels)
                from c in Enumerable.Range(0, channels)
                select image[c * voxels + voxel],
            ];
        }

        /// <summary>Numbers <c>[a, b, c]</c> with their axes in another order.</summary>
        private static NativeMaps Turned(double[] values, int a, int b, int c, int[] order)
        {
            int[] lengths = [a, b, c];
            var turned = new NativeMaps(1, new(1, 1, values.Length));
            for (var i = 0; i < values.Length; i++)
            {
                int[] at = [i / (b * c), i / c % b, i % c];
                turned.Start[
                    (at[order[0]] * lengths[order[1]] + at[order[1]]) * lengths[order[2]]
                        + at[order[2]]
                ] = (float)values[i];
            }
            return turned;
        }
    }
}
