using KneeSeg.Dsl;

namespace KneeSeg.Torch.Tests;

/// <summary>Whole networks against published fingerprints, computed in float64 by other implementations.</summary>
public sealed class ProbeTests
{
    public static TheoryData<string, int, double[]> Rows =>
        new()
        {
            {
                "unet",
                7,
                [
                    0.35812863,
                    0.277911106,
                    0.0357585757,
                    0.956595431,
                    0.0674958569,
                    0.14302113,
                    0.0635328144,
                ]
            },
            {
                "unet3d",
                1,
                [
                    0.324201454,
                    0.251654413,
                    0.0373614504,
                    1.06111688,
                    0.0519806179,
                    0.332470366,
                    0.0438111519,
                ]
            },
            {
                "unet3d+highwayless",
                1,
                [
                    0.292446808,
                    0.150172097,
                    0.0381342605,
                    0.669326129,
                    0.0416529564,
                    0.586136915,
                    0.0394693891,
                ]
            },
            {
                "unet3d+relative",
                1,
                [
                    0.336779175,
                    0.254473212,
                    0.0374051755,
                    1.0816075,
                    0.0522313787,
                    0.356136177,
                    0.0439143518,
                ]
            },
        };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_network_answers_as_published(string spec, int classes, double[] expected)
    {
        var graph = Models.Load(spec, 1, classes);
        var size = Probe.DefaultSize(graph);
        var found = Probe.Run(graph, size, gain: 1, probabilities: false);
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
        foreach (var (wanted, got) in expected.Zip(numbers))
            Assert.Equal(wanted, got, 1e-4 * Math.Max(Math.Abs(wanted), expected[1]));
        Assert.Equal([classes, .. size], found.Shape);
        Assert.Equal(Models.Cost(graph, size).Parameters, found.Parameters);
        Assert.Equal(Models.Cost(graph, size).Macs, found.Macs);
    }

    [Fact]
    public void Probabilities_of_one_class_are_the_sigmoid_of_its_logits()
    {
        var graph = Models.Load("unet3d+tiny", 1, 1);
        var logits = Probe.Run(graph, [16, 16, 16], gain: 1, probabilities: false);
        var chances = Probe.Run(graph, [16, 16, 16], gain: 1, probabilities: true);
        Assert.Equal(1 / (1 + Math.Exp(-logits.Mid)), chances.Mid, 1e-6);
    }

    [Fact]
    public void Probabilities_of_several_classes_add_up_to_one()
    {
        var graph = Models.Load("unet3d+tiny", 1, 4);
        Assert.Equal(0.25, Probe.Run(graph, [16, 16, 16], gain: 1, probabilities: true).Mean, 1e-6);
    }
}
