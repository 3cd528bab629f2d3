using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Torch;

public sealed class BatchNormFoldingTests
{
    [Theory]
    [InlineData("unet3d+tiny", 16)]
    [InlineData("vnet+tiny", 16)]
    [InlineData("segnet+tiny", 32)]
    [InlineData("r2-attention-unet+tiny", 32)]
    [InlineData("tiramisu+tiny", 32)]
    [InlineData("deeplab-v3-plus+tiny", 32)]
    [InlineData("small-vnet", 32)]
    public void A_folded_network_has_the_same_output(string spec, int side)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var graph = Networks.Load(spec, 1, 3);
        using var network = new TorchNetwork(graph, seed: 2);
        Randomize(network);
        network.eval();
        long[] shape = [2, 1, .. Enumerable.Repeat((long)side, graph.Axes)];
        var image = randn(shape, generator: new Generator(7));
        var before = network.forward(image, zeros(2, 3));

        network.FoldBatchNorm();

        var after = network.forward(image, zeros(2, 3));
        Assert.InRange(
            (after - before).abs().max().item<float>(),
            0,
            1e-4f * Math.Max(1, before.abs().max().item<float>())
        );
    }

    [Fact]
    public void A_norm_folds_into_a_standardized_kernel()
    {
        var norm = new NormOp(NormOpKind.Batch, 4, 1e-5, 0.1, true, true);
        var conv = new ConvOp(2, 4, [3, 3], [1, 1], [1, 1], [1, 1], [1, 1], 1, true, true);
        var graph = SmallGraph.Of(2, 2, (Op.NewConv(conv), [0]), (Op.NewNorm(norm), [1]));
        using var network = new TorchNetwork(graph, seed: 2);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Randomize(network);
        network.eval();
        var image = randn([1L, 2, 6, 6]);
        var before = network.forward(image);
        network.FoldBatchNorm();
        SmallGraph.Same(before, network.forward(image));
    }

    [Fact]
    public void Norms_are_gone_from_what_runs()
    {
        using var network = new TorchNetwork(Networks.Load("unet3d+tiny", 1, 3), seed: 2);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.eval();
        network.FoldBatchNorm();
        var image = ones([1, 1, 16, 16, 16]);
        var before = network.forward(image);

        // What is folded does not look at the statistics any more.
        Randomize(network);

        Assert.Equal(0, (network.forward(image) - before).abs().max().item<float>());
    }

    // Statistics and factors as training leaves them: none at its default.
    internal static void Randomize(TorchNetwork network)
    {
        var generator = new Generator(11);
        foreach (var (name, value) in network.state_dict())
            if (name.EndsWith("running_mean", StringComparison.Ordinal))
                value.copy_(0.3 * randn(value.shape, generator: generator));
            else if (name.EndsWith("running_var", StringComparison.Ordinal))
                value.copy_(0.5 + rand(value.shape, generator: generator));
    }
}
