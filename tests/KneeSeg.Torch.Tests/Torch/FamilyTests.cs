using KneeSeg.Dsl;
using KneeSeg.Specs;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>Every network of the zoo, with sizes, position, slices and without highways: each runs.</summary>
public sealed class FamilyTests
{
    public static TheoryData<string> Names =>
        [.. Family.narrowFamily.Select(member => member.Name)];

    public FamilyTests() => NativeStart.Initialize();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_network_predicts_the_announced_shape(string name)
    {
        var graph = Networks.Load(
            Family.narrowFamily.Single(member => member.Name == name).Spec,
            channels: 1,
            classes: 3
        );
        var size = SmallestSize(graph);
        using var network = new TorchNetwork(graph);
        network.eval();
        using var quiet = no_grad();
        using var scope = NewDisposeScope();

        var answer = network.forward(
            randn([1L, 1, .. Array.ConvertAll(size, n => (long)n)]),
            rand([1L, 3])
        );

        Assert.Equal(
            [1, 3, .. Networks.ShapeOf(graph.Nodes[graph.Output], size)],
            answer.shape.Select(length => (int)length)
        );
        Assert.True(answer.isfinite().all().item<bool>());
        Assert.Equal(
            Networks.Cost(graph, size).Parameters,
            network.parameters().Sum(parameter => parameter.numel())
        );
    }

    /// <summary>Four voxels or more along each axis, and more where a norm would be over a single value.</summary>
    internal static int[] SmallestSize(Graph graph)
    {
        for (var times = 1; ; times++)
            try
            {
                int[] size = [.. graph.Multiple.Select(multiple => times * Math.Max(multiple, 4))];
                Networks.CheckSize(graph, size);
                return size;
            }
            catch (SpecException) when (times < 4) { }
    }
}
