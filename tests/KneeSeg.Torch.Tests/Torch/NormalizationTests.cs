using KneeSeg.Dsl;
using KneeSeg.Torch.Native;
using static KneeSeg.Torch.Tests.SmallGraph;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>Norms against means and variances worked out by hand.</summary>
public sealed class NormalizationTests
{
    public NormalizationTests() => NativeStart.Initialize();

    private static Op Norm(NormOpKind kind, int channels, bool gamma = true, bool beta = true) =>
        Op.NewNorm(new(kind, channels, 0, 0.25, gamma, beta));

    [Fact]
    public void Running_statistics_take_the_momentums_share_of_each_batch()
    {
        using var network = Layer(Norm(NormOpKind.Batch, 1), 2, 1);
        network.train();
        // Mean 3, variance 4 over the voxels and 16/3 over one less.
        network.forward(Row(1, 1, 5, 5));
        var state = network.state_dict();
        Assert.Equal(0.25f * 3, state["step1.running_mean"].item<float>(), 1e-6);
        Assert.Equal(0.75f + 0.25f * 16 / 3, state["step1.running_var"].item<float>(), 1e-6);
    }

    [Fact]
    public void Training_normalizes_by_the_batch_and_predicting_by_what_was_kept()
    {
        using var network = Layer(Norm(NormOpKind.Batch, 1), 2, 1);
        network.Set("running_mean", 1);
        network.Set("running_var", 16);
        network.train();
        Assert.Equal([-1, -1, 1, 1], network.forward(Row(1, 1, 5, 5)).Numbers());
        network.Set("running_mean", 1);
        network.Set("running_var", 16);
        network.eval();
        Assert.Equal([0, 0, 1, 1], network.forward(Row(1, 1, 5, 5)).Numbers());
    }

    [Theory]
    [InlineData(true, true, new[] { "step1.weight", "step1.bias" })]
    [InlineData(true, false, new[] { "step1.weight" })]
    [InlineData(false, true, new[] { "step1.bias" })]
    [InlineData(false, false, new string[0])]
    public void A_norm_has_the_graph_s_parameters(bool gamma, bool beta, string[] expected)
    {
        foreach (
            var op in new[]
            {
                Norm(NormOpKind.Batch, 2, gamma, beta),
                Norm(NormOpKind.Instance, 2, gamma, beta),
                Norm(NormOpKind.NewGroup(1), 2, gamma, beta),
                Norm(NormOpKind.ChannelLayer, 2, gamma, beta),
            }
        )
        {
            using var network = Layer(op, 2, 2);
            Assert.Equal(expected, network.named_parameters().Select(pair => pair.name));
            var answer = network.forward(randn([2L, 2, 3, 3]));
            Assert.Equal([2L, 2, 3, 3], answer.shape);
            if (expected.Length > 0)
                (answer * randn_like(answer)).sum().backward();
            Assert.All(
                network.parameters(),
                parameter => Assert.True(parameter.grad!.isfinite().all().item<bool>())
            );
        }
    }

    [Fact]
    public void Instances_are_normalized_one_by_one()
    {
        var image = tensor(new float[] { 1, 3, 10, 30 }, [2, 1, 1, 2]);
        Assert.Equal([-1, 1, -1, 1], Predict(Norm(NormOpKind.Instance, 1), image).Numbers());
    }

    [Fact]
    public void Groups_of_channels_are_normalized_together()
    {
        var image = tensor(new float[] { 1, 3, 10, 30 }, [1, 4, 1, 1]);
        Assert.Equal([-1, 1, -1, 1], Predict(Norm(NormOpKind.NewGroup(2), 4), image).Numbers());
    }

    [Fact]
    public void The_channels_of_a_voxel_are_normalized_together()
    {
        var image = tensor(new float[] { 1, 10, 3, 30 }, [1, 2, 1, 2]);
        Assert.Equal([-1, -1, 1, 1], Predict(Norm(NormOpKind.ChannelLayer, 2), image).Numbers());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_channel_layer_norm_is_PyTorch_s_on_the_channel_axis(int axes)
    {
        manual_seed(1);
        long[] size = [2, 5, .. new long[] { 3, 4, 6 }[..axes]];
        long[] perChannel = [1, 5, .. Enumerable.Repeat(1L, axes)];
        var op = Op.NewNorm(new(NormOpKind.ChannelLayer, 5, 1e-5, 0.1, true, true));
        using var network = Layer(op, axes, 5);
        var (gamma, beta) = (randn([5L]), randn([5L]));
        network.Set("weight", gamma);
        network.Set("bias", beta);
        var (x, y) = Twins(size);
        var centered = y - y.mean([1], keepdim: true);
        var variance = centered.pow(2).mean([1], keepdim: true);
        var expected =
            centered / (variance + 1e-5).sqrt() * gamma.reshape(perChannel)
            + beta.reshape(perChannel);
        SameWithGradients(expected, y, network.forward(x), x);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_global_response_norm_is_that_of_ConvNeXt_V2(int axes)
    {
        manual_seed(1);
        long[] size = [2, 5, .. new long[] { 3, 4, 6 }[..axes]];
        long[] perChannel = [1, 5, .. Enumerable.Repeat(1L, axes)];
        using var network = Layer(Op.NewGlobalResponseNorm(5, 1e-6), axes, 5);
        var image = randn(size);
        Same(image, network.forward(image), 0);
        var (gamma, beta) = (randn([5L]), randn([5L]));
        network.Set("weight", gamma);
        network.Set("bias", beta);
        var (x, y) = Twins(size);
        // The authors' code: Gx = norm(x); Nx = Gx / (mean(Gx) + eps); gamma * (x * Nx) + beta + x.
        long[] space = [.. Enumerable.Range(2, axes)];
        var response = y.pow(2).sum(space, keepdim: true).sqrt();
        var share = response / (response.mean([1], keepdim: true) + 1e-6);
        var expected = gamma.reshape(perChannel) * (y * share) + beta.reshape(perChannel) + y;
        SameWithGradients(expected, y, network.forward(x), x);
    }

    /// <summary>Two leaves with the same numbers, the second in double.</summary>
    private static (Tensor, Tensor) Twins(long[] size)
    {
        var image = randn(size);
        return (image.clone().requires_grad_(), image.to(float64).requires_grad_());
    }

    private static void SameWithGradients(Tensor expected, Tensor y, Tensor actual, Tensor x)
    {
        Same(expected.to(float32), actual, 1e-6);
        var direction = randn(expected.shape);
        (expected * direction).sum().backward();
        (actual * direction).sum().backward();
        Same(y.grad!.to(float32), x.grad!);
    }
}
