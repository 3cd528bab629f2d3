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

    [Fact]
    public void Dropout_is_the_identity_when_predicting()
    {
        var image = randn([2L, 8, 3, 3]);
        foreach (var unit in new[] { DropoutUnit.Element, DropoutUnit.Channel, DropoutUnit.Image })
            Same(image, Predict(Op.NewDropout(0.5, unit), image), 0);
    }

    [Fact]
    public void Dropout_zeroes_single_elements_and_scales_the_rest_up()
    {
        manual_seed(4);
        using var network = Layer(Op.NewDropout(0.25, DropoutUnit.Element), 2, 2);
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
        using var network = Layer(Op.NewDropout(0.25, DropoutUnit.Channel), 2, 64);
        network.train();
        var channels = network.forward(ones([4L, 64, 2, 2])).flatten(2);
        Same(channels.amin([2]), channels.amax([2]), 0);
        var values = channels.amax([2]).Numbers();
        Assert.All(values, value => Assert.True(value == 0 || Math.Abs(value - 4 / 3f) < 1e-6));
        Assert.InRange(values.Count(value => value == 0) / 256.0, 0.15, 0.35);
    }

    [Fact]
    public void Stochastic_depth_zeroes_whole_images_and_scales_the_rest_up()
    {
        manual_seed(4);
        using var network = Layer(Op.NewDropout(0.25, DropoutUnit.Image), 3, 3);
        network.train();
        var images = network.forward(ones([200L, 3, 2, 2, 2])).flatten(1);
        Same(images.amin([1]), images.amax([1]), 0);
        var values = images.amax([1]).Numbers();
        Assert.All(values, value => Assert.True(value == 0 || Math.Abs(value - 4 / 3f) < 1e-6));
        Assert.InRange(values.Count(value => value == 0) / 200.0, 0.15, 0.35);
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

    [Theory]
    [InlineData(1, 2, new float[] { 0, 1, 2, 3, 0, 0 })]
    [InlineData(-1, 1, new float[] { 2, 3, 0 })]
    [InlineData(0, -2, new float[] { 1 })]
    public void Padding_is_zeros_and_less_than_none_crops(
        int before,
        int after,
        float[] expected
    ) =>
        Assert.Equal(expected, Predict(Op.NewPad([0, before], [0, after]), Row(1, 2, 3)).Numbers());

    [Fact]
    public void Channels_are_repeated_in_their_order() =>
        Assert.Equal(
            [1, 2, 1, 2],
            Predict(Op.NewTileChannels(2), tensor(new float[] { 1, 2 }, [1, 2, 1, 1])).Numbers()
        );

    [Fact]
    public void Voxels_of_a_block_become_channels_voxel_by_voxel_in_row_major_order()
    {
        manual_seed(3);
        var image = randn([2L, 3, 4, 6, 6]);
        // As Swin UNETR merges patches: strided slices of every corner, the last axis first.
        var corners =
            from depth in Enumerable.Range(0, 2)
            from height in Enumerable.Range(0, 3)
            from width in Enumerable.Range(0, 2)
            select image[
                TensorIndex.Ellipsis,
                TensorIndex.Slice(depth, step: 2),
                TensorIndex.Slice(height, step: 3),
                TensorIndex.Slice(width, step: 2)
            ];
        Same(cat([.. corners], 1), Predict(Op.NewSpaceToChannels([2, 3, 2], true), image), 0);
    }

    [Fact]
    public void Channel_by_channel_a_block_is_PyTorch_s_pixel_unshuffle()
    {
        manual_seed(3);
        var image = randn([2L, 3, 4, 6]);
        var channels = nn.functional.pixel_unshuffle(image, 2);
        Same(channels, Predict(Op.NewSpaceToChannels([2, 2], false), image), 0);
        Same(image, Predict(Op.NewChannelsToSpace([2, 2], false), channels), 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Channels_go_back_to_their_voxels(bool voxelByVoxel)
    {
        manual_seed(3);
        var image = randn([2L, 3, 4, 6, 2]);
        int[] block = [2, 3, 1];
        var channels = Predict(Op.NewSpaceToChannels(block, voxelByVoxel), image);
        Assert.Equal([2L, 18, 2, 2, 2], channels.shape);
        Same(image, Predict(Op.NewChannelsToSpace(block, voxelByVoxel), channels), 0);
    }

    [Fact]
    public void Channels_are_taken_in_groups_and_padded_with_zeros()
    {
        var image = tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [1, 6, 1, 1]);
        Assert.Equal([3, 4], Predict(Op.NewChannelGroup(1, 3), image).Numbers());
        Assert.Equal(
            [0, 1, 2, 3, 4, 5, 6, 0, 0],
            Predict(Op.NewPadChannels(1, 2), image).Numbers()
        );
    }

    [Fact]
    public void The_argmax_is_the_index_of_the_largest_channel()
    {
        var image = tensor(new float[] { 1, 9, 5, 2, 3, 7 }, [1, 3, 1, 2]);
        Assert.Equal([1, 0], Predict(Op.ArgmaxOverChannels, image).Numbers());
    }

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
