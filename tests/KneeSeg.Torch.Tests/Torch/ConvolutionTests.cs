using KneeSeg.Dsl;
using KneeSeg.Torch.Native;
using static KneeSeg.Torch.Tests.SmallGraph;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>Convolutions against sums written out, and against libtorch's own on another route.</summary>
public sealed class ConvolutionTests
{
    public ConvolutionTests() => NativeStart.Initialize();

    private static ConvOp Along(int kernel, int stride, int before, int after) =>
        new(1, 1, [1, kernel], [1, stride], [1, 1], [0, before], [0, after], 1, false, false);

    private static float[] Ones(Op op, Tensor image)
    {
        using var network = Layer(op, 2, 1);
        network.Set("weight", 1);
        return network.forward(image).Numbers();
    }

    [Fact]
    public void An_even_kernel_that_pads_after_sees_the_voxel_that_follows() =>
        Assert.Equal([3, 5, 7, 4], Ones(Op.NewConv(Along(2, 1, 0, 1)), Row(1, 2, 3, 4)));

    [Fact]
    public void A_strided_kernel_of_three_on_an_even_size_starts_at_the_first_voxel() =>
        Assert.Equal([6, 12, 11], Ones(Op.NewConv(Along(3, 2, 0, 1)), Row(1, 2, 3, 4, 5, 6)));

    [Theory]
    // The full result of a kernel of three by two is 1, 1, 3, 2, 5, 3, 3.
    [InlineData(0, 0, new float[] { 1, 1, 3, 2, 5, 3, 3 })]
    [InlineData(0, 1, new float[] { 1, 1, 3, 2, 5, 3 })]
    [InlineData(1, 0, new float[] { 1, 3, 2, 5, 3, 3 })]
    [InlineData(1, 1, new float[] { 1, 3, 2, 5, 3 })]
    public void A_transposed_convolution_is_its_full_result_without_what_is_cropped(
        int before,
        int after,
        float[] expected
    ) => Assert.Equal(expected, Ones(Op.NewDeconv(Along(3, 2, before, after)), Row(1, 2, 3)));

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public void A_transposed_convolution_that_fills_blocks_is_libtorchs_and_so_are_its_gradients(
        int axes,
        bool bias
    )
    {
        manual_seed(1);
        int[] twice = [.. Enumerable.Repeat(2, axes)];
        int[] none = new int[axes];
        var op = new ConvOp(
            3,
            4,
            twice,
            twice,
            [.. Enumerable.Repeat(1, axes)],
            none,
            none,
            1,
            bias,
            false
        );
        using var network = Layer(Op.NewDeconv(op), axes, 3);
        long[] size = [2, 3, .. new long[] { 2, 3, 5 }[..axes]];
        var image = randn(size);
        if (bias)
            network.Set("bias", randn(4));

        var ours = image.clone().requires_grad_();
        var answer = network.forward(ours);
        answer.mul(answer.sin()).sum().backward();

        var weights = network
            .named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter);
        var theirs = image.clone().requires_grad_();
        var kernel = weights["step1.weight"].detach().clone().requires_grad_();
        var offset = bias ? weights["step1.bias"].detach().clone().requires_grad_() : null;
        long[] stride = [.. Enumerable.Repeat(2L, axes)];
        var reference =
            axes == 3
                ? nn.functional.conv_transpose3d(theirs, kernel, offset, stride)
                : nn.functional.conv_transpose2d(theirs, kernel, offset, stride);
        reference.mul(reference.sin()).sum().backward();

        Same(reference, answer);
        Same(theirs.grad!, ours.grad!);
        Same(kernel.grad!, weights["step1.weight"].grad!);
        if (bias)
            Same(offset!.grad!, weights["step1.bias"].grad!);
    }

    [Theory]
    [InlineData(3, 1, 1, 1, 1, 8)]
    [InlineData(3, 1, 1, 1, 1, 7)]
    [InlineData(3, 1, 1, 0, 0, 10)]
    [InlineData(3, 2, 1, 0, 1, 8)]
    [InlineData(3, 2, 1, 1, 0, 9)]
    [InlineData(2, 2, 1, 0, 0, 9)]
    [InlineData(2, 1, 1, 0, 1, 6)]
    [InlineData(3, 1, 3, 3, 3, 4)]
    [InlineData(3, 3, 2, 2, 2, 11)]
    [InlineData(1, 1, 1, 0, 0, 2)]
    [InlineData(1, 3, 1, 0, 0, 8)]
    public void One_small_map_is_convolved_and_learns_as_two_do(
        int kernel,
        int stride,
        int dilation,
        int before,
        int after,
        int depth
    )
    {
        var op = new ConvOp(
            3,
            4,
            [kernel, 2],
            [stride, 1],
            [dilation, 1],
            [before, 1],
            [after, 0],
            1,
            true,
            false
        );
        using var network = Layer(Op.NewConv(op), 2, 3);
        var weights = network.parameters().ToArray();
        manual_seed(1);
        network.Set("bias", randn(4));
        var image = randn([1L, 3, depth, 5]);
        var (alone, slopes) = Learned(image);
        var (both, twice) = Learned(cat([image, image], 0));
        Same(both[..1], alone);
        Assert.All(slopes.Zip(twice), pair => Same(pair.Second, pair.First * 2));

        (Tensor Answer, Tensor[] Slopes) Learned(Tensor maps)
        {
            maps = maps.clone().requires_grad_();
            foreach (var weight in weights)
                weight.grad = null;
            var answer = network.forward(maps);
            answer.mul(answer.sin()).sum().backward();
            return (
                answer.detach(),
                [maps.grad!.sum(dim: 0), .. weights.Select(weight => weight.grad!.clone())]
            );
        }
    }

    [Theory]
    [InlineData(3, 1, 1)]
    [InlineData(3, 4, 1)]
    [InlineData(3, 4, 2)]
    [InlineData(5, 1, 3)]
    [InlineData(5, 4, 2)]
    [InlineData(5, 4, 3)]
    [InlineData(5, 4, 4)]
    [InlineData(5, 16, 4)]
    public void A_kernel_longer_than_the_map_learns_in_bfloat16_what_it_learns_in_float32(
        int kernel,
        int channels,
        int depth
    )
    {
        int[] one = [1, 1, 1];
        int[] half = [kernel / 2, kernel / 2, kernel / 2];
        var op = new ConvOp(
            channels,
            4,
            [kernel, kernel, kernel],
            one,
            one,
            half,
            half,
            1,
            false,
            false
        );
        using var network = Layer(Op.NewConv(op), 3, channels);
        var weight = Assert.Single(network.parameters());
        manual_seed(1);
        var image = randn([2L, channels, depth, 8, 8]);
        var (exact, slope) = Learned(Precision.Fp32);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            // Memory that is taken and given back is handed out again as it is.
            foreach (var power in Enumerable.Range(8, 12))
                full([1L << power], double.NaN).Dispose();
            var (rounded, roundedSlope) = Learned(Precision.Bf16);
            Same(exact, rounded, 0.02);
            Same(slope, roundedSlope, 0.02);
        }

        (Tensor Answer, Tensor Slope) Learned(Precision precision)
        {
            weight.grad = null;
            Tensor answer;
            using (Autocast.Enter(precision))
                answer = network.forward(image);
            answer.sum().backward();
            return (answer.detach(), weight.grad!.clone());
        }
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_standardized_kernel_has_mean_0_and_variance_1_for_every_output(
        int groups,
        bool bias
    )
    {
        var op = new ConvOp(4, 6, [3, 3], [1, 1], [1, 1], [1, 1], [1, 1], groups, bias, true);
        using var network = Layer(Op.NewConv(op), 2, 4);
        manual_seed(1);
        var image = randn([2L, 4, 5, 5]);
        var answer = network.forward(image);
        answer.mul(answer.sin()).sum().backward();

        var weights = network
            .named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter);
        var kernel = weights["step1.weight"].detach().clone().requires_grad_();
        var mean = kernel.mean([1, 2, 3], keepdim: true);
        var variance = (kernel - mean).square().mean([1, 2, 3], keepdim: true);
        var reference = nn.functional.conv2d(
            image,
            (kernel - mean) / (variance + 1e-5).sqrt(),
            bias ? weights["step1.bias"].detach() : null,
            padding: [1, 1],
            groups: groups
        );
        reference.mul(reference.sin()).sum().backward();

        Same(reference, answer);
        Same(kernel.grad!, weights["step1.weight"].grad!);
    }

    [Fact]
    public void Groups_do_not_mix()
    {
        var op = new ConvOp(2, 2, [1, 1], [1, 1], [1, 1], [0, 0], [0, 0], 2, true, false);
        using var network = Layer(Op.NewConv(op), 2, 2);
        network.Set("weight", tensor(new float[] { 2, 3 }, [2, 1, 1, 1]));
        network.Set("bias", tensor(new float[] { 10, 20 }));
        Assert.Equal(
            [12, 35],
            network.forward(tensor(new float[] { 1, 5 }, [1, 2, 1, 1])).Numbers()
        );
    }

    [Fact]
    public void Dilation_leaves_out_voxels()
    {
        var op = new ConvOp(1, 1, [1, 2], [1, 1], [1, 2], [0, 0], [0, 0], 1, false, false);
        Assert.Equal([4, 6], Ones(Op.NewConv(op), Row(1, 2, 3, 4)));
    }

    [Fact]
    public void A_dense_layer_is_a_matrix()
    {
        using var network = Layer(Op.NewDense(2, 1, true), 2, 2);
        network.Set("weight", tensor(new float[] { 2, 3 }, [1, 2]));
        network.Set("bias", tensor(new float[] { 1 }));
        var answer = network.forward(tensor(new float[] { 5, 7 }, [1, 2, 1, 1]));
        Assert.Equal([1L, 1, 1, 1], answer.shape);
        Assert.Equal([32], answer.Numbers());
    }
}
