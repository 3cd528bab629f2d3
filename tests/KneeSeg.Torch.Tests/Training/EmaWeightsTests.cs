using KneeSeg.Torch.Native;
using KneeSeg.Training.Optimization;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>EMA weights, and swapping them with the training weights.</summary>
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
    public void The_decay_is_smaller_at_first_and_then_the_recipe_s()
    {
        Weight = 1;
        using var average = new EmaWeights(network, decay: .5);
        double mean = 1;
        for (var step = 0; step < 20; step++)
        {
            Weight = step;
            average.Update(step);
            var kept = Math.Min(.5, (1.0 + step) / (10 + step));
            mean = kept * mean + (1 - kept) * step;
        }
        using (average.Swap())
            Assert.Equal(mean, Weight, 1e-4);
        Assert.Equal(19, Weight);
    }

    [Fact]
    public void A_copy_with_restored_state_continues_identically()
    {
        Weight = 1;
        using var average = new EmaWeights(network, decay: .9);
        Weight = 3;
        average.Update(50);
        Dictionary<string, Tensor> saved;
        float mean;
        using (average.Swap())
            mean = Weight;
        Assert.Equal(mean, average.Average("weight")!.item<float>());
        saved = average.State().ToDictionary(pair => pair.Name, pair => pair.Value.clone());

        // A checkpoint has the mean as the network's weights.
        using var copy = nn.Linear(1, 1, hasBias: false);
        using (no_grad())
            copy.weight!.fill_(mean);
        using var again = new EmaWeights(copy, decay: .9);
        Assert.False(again.Restore(_ => null));
        Assert.True(again.Restore(name => saved.GetValueOrDefault(name)));
        Assert.Equal(3, copy.weight!.item<float>());
        using (again.Swap())
            Assert.Equal(mean, copy.weight!.item<float>());
    }
}
