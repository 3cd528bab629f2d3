using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Averaged weights, and the exchange with those that training goes on with.</summary>
public sealed class EmaWeightsTests : IDisposable
{
    private readonly TorchSharp.Modules.Linear network;

    public EmaWeightsTests()
    {
        NativeStart.Initialize();
        network = nn.Linear(1, 1, hasBias: false);
    }

    public void Dispose() => network.Dispose();

    private float Weight
    {
        get => network.weight!.item<float>();
        set
        {
            using var _ = no_grad();
            network.weight!.fill_(value);
        }
    }

    [Fact]
    public void The_mean_follows_faster_at_first_and_then_by_the_recipe_s_share()
    {
        Weight = 1;
        using var average = new EmaWeights(network, kept: .5);
        double mean = 1;
        for (var step = 0; step < 20; step++)
        {
            Weight = step;
            average.Follow(step);
            var kept = Math.Min(.5, (1.0 + step) / (10 + step));
            mean = kept * mean + (1 - kept) * step;
        }
        using (average.InNetwork())
            Assert.Equal(mean, Weight, 1e-4);
        Assert.Equal(19, Weight);
    }

    [Fact]
    public void What_is_remembered_makes_a_copy_go_on_the_same()
    {
        Weight = 1;
        using var average = new EmaWeights(network, kept: .9);
        Weight = 3;
        average.Follow(50);
        Dictionary<string, Tensor> saved;
        float mean;
        using (average.InNetwork())
            (mean, saved) = (
                Weight,
                average.Memory().ToDictionary(pair => pair.Name, pair => pair.Value.clone())
            );

        // A checkpoint has the mean as the network's weights.
        using var copy = nn.Linear(1, 1, hasBias: false);
        using (no_grad())
            copy.weight!.fill_(mean);
        using var again = new EmaWeights(copy, kept: .9);
        Assert.False(again.Restore(_ => null));
        Assert.True(again.Restore(name => saved.GetValueOrDefault(name)));
        Assert.Equal(3, copy.weight!.item<float>());
        using (again.InNetwork())
            Assert.Equal(mean, copy.weight!.item<float>());
    }
}
