using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Optimization;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>What optimizers do, and that what they remember can be put away and taken up again.</summary>
public sealed class OptimizerTests
{
    public OptimizerTests() => NativeStart.Initialize();

    [Theory]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.RmsProp)]
    [InlineData(OptimizerKind.Sgd)]
    public void A_restored_optimizer_continues_bit_for_bit(OptimizerKind kind)
    {
        var recipe = new Recipe { Optimizer = kind, WeightDecay = 1e-3 };
        using var whole = nn.Linear(4, 3);
        using var first = new Optimizer(whole, recipe);
        for (var step = 0; step < 3; step++)
            Step(whole, first, step);
        using var copy = nn.Linear(4, 3);
        copy.load_state_dict(whole.state_dict());
        using var second = new Optimizer(copy, recipe);
        var saved = first.State().ToDictionary(part => part.Name, part => part.Value.clone());
        Assert.True(second.Restore(part => saved.GetValueOrDefault(part)));
        for (var step = 3; step < 6; step++)
        {
            Step(whole, first, step);
            Step(copy, second, step);
        }
        Assert.Equal(whole.weight!.data<float>().ToArray(), copy.weight!.data<float>().ToArray());
    }

    [Fact]
    public void Adam_without_state_is_reported()
    {
        using var network = nn.Linear(2, 2);
        using var optimizer = new Optimizer(network, new());
        Assert.False(optimizer.Restore(_ => null));
    }

    [Fact]
    public void Nesterov_s_momentum_is_its_formula()
    {
        using var network = nn.Linear(1, 1, hasBias: false);
        using var optimizer = new Optimizer(
            network,
            new()
            {
                Optimizer = OptimizerKind.Sgd,
                Momentum = .9,
                WeightDecay = 0,
            }
        );
        double weight = network.weight!.item<float>();
        var velocity = 0.0;
        for (var step = 0; step < 4; step++)
        {
            optimizer.Clear();
            network.forward(ones(1, 1)).square().sum().backward();
            optimizer.Step(rate: .01);
            var gradient = 2 * weight;
            velocity = .9 * velocity + gradient;
            weight -= .01 * (gradient + .9 * velocity);
            Assert.Equal(weight, network.weight!.item<float>(), 1e-5);
        }
    }

    private static void Step(nn.Module<Tensor, Tensor> network, Optimizer optimizer, int step)
    {
        manual_seed(step);
        optimizer.Clear();
        network.forward(randn(5, 4)).square().sum().backward();
        optimizer.Step(rate: .01);
    }
}
