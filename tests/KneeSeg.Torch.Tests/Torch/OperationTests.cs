using KneeSeg.Dsl;
using KneeSeg.Torch.Native;
using static KneeSeg.Torch.Tests.SmallGraph;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>Operations that learn nothing, against what their words say.</summary>
public sealed class OperationTests
{
    public OperationTests() => NativeStart.Initialize();

    [Fact]
    public void A_prelu_begins_with_a_slope_of_a_quarter() =>
        Same(Row(-0.5f, 0, 2), Predict(Op.NewActivation(Activation.PRelu, 1), Row(-2, 0, 2)), 1e-6);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dropout_is_the_identity_when_predicting(bool wholeChannels)
    {
        var image = randn([2L, 8, 3, 3]);
        Same(image, Predict(Op.NewDropout(0.5, wholeChannels), image), 0);
    }

    [Fact]
    public void Dropout_zeroes_single_elements_and_scales_the_rest_up()
    {
        manual_seed(4);
        using var network = Layer(Op.NewDropout(0.25, false), 2, 2);
        network.train();
        var channels = network.forward(ones([2L, 2, 32, 32])).flatten(2);
        var values = channels.Numbers();
        Assert.All(values, value => Assert.True(value == 0 || Math.Abs(value - 4 / 3f) < 1e-6));
        Assert.InRange(values.Count(value => value == 0) / 4096.0, 0.2, 0.3);
        Assert.All(channels.amin([2]).Numbers(), least => Assert.Equal(0, least));
        Assert.All(channels.amax([2]).Numbers(), most => Assert.NotEqual(0, most));
    }

    [Fact]
    public void Channel_dropout_zeroes_whole_channels_and_scales_the_rest_up()
    {
        manual_seed(4);
        using var network = Layer(Op.NewDropout(0.25, true), 2, 64);
        network.train();
        var channels = network.forward(ones([4L, 64, 2, 2])).flatten(2);
        Same(channels.amin([2]), channels.amax([2]), 0);
        var values = channels.amax([2]).Numbers();
        Assert.All(values, value => Assert.True(value == 0 || Math.Abs(value - 4 / 3f) < 1e-6));
        Assert.InRange(values.Count(value => value == 0) / 256.0, 0.15, 0.35);
    }

    [Theory]
    [InlineData(0, 0, new float[] { -1, -3 })]
    [InlineData(0, 1, new float[] { -1, -3, -5 })]
    [InlineData(1, 1, new float[] { -1, -2, -4 })]
    public void Padding_is_never_the_largest(int before, int after, float[] expected)
    {
        var window = new WindowOp([1, 2], [1, 2], [0, before], [0, after]);
        Assert.Equal(expected, Predict(Op.NewMaxPool(window), Row(-1, -2, -3, -4, -5)).Numbers());
    }

    [Theory]
    [InlineData(0, 0, new float[] { 1.5f, 3.5f })]
    [InlineData(0, 1, new float[] { 1.5f, 3.5f, 5 })]
    [InlineData(1, 1, new float[] { 1, 2.5f, 4.5f })]
    public void A_mean_is_over_voxels_that_exist(int before, int after, float[] expected)
    {
        var window = new WindowOp([1, 2], [1, 2], [0, before], [0, after]);
        Assert.Equal(expected, Predict(Op.NewAvgPool(window), Row(1, 2, 3, 4, 5)).Numbers());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Unpooling_puts_voxels_back_where_they_were_largest(int axes)
    {
        int[] two = [.. Enumerable.Repeat(1, axes - 1), 2];
        var window = new WindowOp(two, two, new int[axes], new int[axes]);
        var graph = Of(axes, 1, (Op.NewMaxPool(window), [0]), (Op.NewUnpool(window), [1, 1]));
        using var network = new TorchNetwork(graph);
        var image = Row(1, 2, 4, 3).reshape([1, 1, .. Enumerable.Repeat(1L, axes - 1), 4]);
        Assert.Equal([0, 2, 4, 0], network.forward(image).Numbers());
    }

    [Fact]
    public void Repetition_repeats_along_each_axis_by_its_own_factor()
    {
        var image = tensor(new float[] { 1, 2 }, [1, 1, 1, 1, 2]);
        var answer = Predict(Op.NewUpsampleNearest([1, 2, 3]), image);
        Assert.Equal([1L, 1, 1, 2, 6], answer.shape);
        Assert.Equal([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2], answer.Numbers());
    }

    [Theory]
    // Corners that stay: 4 steps of 3/3; corners that don't: centers at (i + 1/2) / 2 - 1/2, held at the ends.
    [InlineData(true, new float[] { 0, 1, 2, 3 })]
    [InlineData(false, new float[] { 0, 0.75f, 2.25f, 3 })]
    public void Interpolation_is_linear_with_corners_as_asked(
        bool alignCorners,
        float[] expected
    ) => Same(Row(expected), Predict(Op.NewUpsampleLinear([1, 2], alignCorners), Row(0, 3)), 1e-6);

    [Fact]
    public void Channels_are_repeated_in_their_order() =>
        Assert.Equal(
            [1, 2, 1, 2],
            Predict(Op.NewTileChannels(2), tensor(new float[] { 1, 2 }, [1, 2, 1, 1])).Numbers()
        );

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_mean_the_largest_and_the_softmax_of_a_voxel_s_channels(int axes)
    {
        manual_seed(3);
        var image = randn([2, 5, .. new long[] { 3, 4, 6 }[..axes]]);
        Same(image.mean([1], keepdim: true), Predict(Op.MeanOverChannels, image), 1e-6);
        Same(image.amax([1], keepdim: true), Predict(Op.MaxOverChannels, image), 0);
        var exp = image.exp();
        Same(
            exp / exp.sum(1, keepdim: true),
            Predict(Op.NewActivation(Activation.ChannelSoftmax, 5), image),
            1e-6
        );
    }

    [Fact]
    public void Means_and_maxima_keep_one_voxel_of_their_axes()
    {
        var image = tensor(new float[] { 1, 2, 3, 6 }, [1, 1, 2, 2]);
        var mean = Predict(Op.NewMean([0]), image);
        Assert.Equal([1L, 1, 1, 2], mean.shape);
        Assert.Equal([2, 4], mean.Numbers());
        Assert.Equal([6], Predict(Op.NewMax([0, 1]), image).Numbers());
    }

    [Fact]
    public void A_vector_joins_a_map_at_every_voxel()
    {
        // The largest voxel of the image: added, multiplied by, and spread beside it.
        var graph = Of(
            2,
            1,
            (Op.NewMax([0, 1]), [0]),
            (Op.Add, [0, 1, 1]),
            (Op.Multiply, [2, 1]),
            (Op.Broadcast, [1, 3]),
            (Op.Concat, [3, 4])
        );
        using var network = new TorchNetwork(graph);
        Assert.Equal([10, 12, 2, 2], network.forward(Row(1, 2)).Numbers());
    }
}
