using KneeSeg.Dsl;
using KneeSeg.Torch.Probes;

namespace KneeSeg.Torch.Tests;

/// <summary>Whole networks against outputs computed in float64 by other implementations.</summary>
public sealed class ProbeTests
{
    public static TheoryData<string> Specs =>
        [.. Networks.ReferenceOutputs.Select(output => output.Spec)];

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_network_has_its_reference_output(string spec)
    {
        var reference = Networks.ReferenceOutputs.Single(output => output.Spec == spec);
        var graph = Networks.Load(spec, 1, reference.Classes);
        var size = Probe.DefaultSize(graph);
        var found = Probe.Run(graph, size, reference.Gain, reference.Probabilities);
        double[] numbers =
        [
            found.Mean,
            found.Std,
            found.Min,
            found.Max,
            found.First,
            found.Mid,
            found.Last,
        ];
        var deviation = reference.Numbers[1];
        foreach (var (wanted, got) in reference.Numbers.Zip(numbers))
            Assert.Equal(wanted, got, 1e-4 * Math.Max(Math.Abs(wanted), deviation));
        Assert.Equal(
            [reference.Classes, .. Networks.ShapeOf(graph.Nodes[graph.Output], size)],
            found.Shape
        );
        Assert.Equal(Networks.Cost(graph, size).Parameters, found.Parameters);
        Assert.Equal(Networks.Cost(graph, size).Macs, found.Macs);
    }

    [Fact]
    public void Probabilities_of_one_class_are_the_sigmoid_of_its_logits()
    {
        var graph = Networks.Load("unet3d+tiny", 1, 1);
        var logits = Probe.Run(graph, [16, 16, 16], gain: 1, probabilities: false);
        var chances = Probe.Run(graph, [16, 16, 16], gain: 1, probabilities: true);
        Assert.Equal(1 / (1 + Math.Exp(-logits.Mid)), chances.Mid, 1e-6);
    }

    [Fact]
    public void Probabilities_of_several_classes_add_up_to_one()
    {
        var graph = Networks.Load("unet3d+tiny", 1, 4);
        Assert.Equal(0.25, Probe.Run(graph, [16, 16, 16], gain: 1, probabilities: true).Mean, 1e-6);
    }
}
