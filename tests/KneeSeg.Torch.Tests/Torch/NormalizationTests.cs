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
            }
        )
        {
            using var network = Layer(op, 2, 2);
            Assert.Equal(expected, network.named_parameters().Select(pair => pair.name));
            Assert.Equal([2L, 2, 3, 3], network.forward(randn([2L, 2, 3, 3])).shape);
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
}
