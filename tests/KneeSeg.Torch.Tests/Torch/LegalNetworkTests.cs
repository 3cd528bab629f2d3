using KneeSeg.Dsl;
using KneeSeg.Specs;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>What the language says of a network is what libtorch makes of it: checked on random networks.</summary>
public sealed class LegalNetworkTests
{
    private const int Count = 80;

    internal static readonly Graph[] Graphs = Legal.sample(Count, 2026);

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Count)];

    public LegalNetworkTests() => NativeStart.Initialize();

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Shapes_counts_and_gradients_are_those_of_the_graph(int number)
    {
        var graph = Graphs[number];
        // Two voxels and more on the coarsest maps, so that every norm has something to do.
        int[] size = [.. graph.Multiple.Select(multiple => 2 * multiple)];
        using var network = new TorchNetwork(Watched(graph), seed: 1);
        network.train();
        manual_seed(1);
        using var scope = NewDisposeScope();

        var values = network
            .ForwardForTraining(
                randn([2L, graph.Channels, .. Array.ConvertAll(size, n => (long)n)]),
                rand([2L, 3]) * 2 - 1
            )
            .Outputs;

        foreach (var (node, value) in Others(graph).Prepend(graph.Nodes[graph.Output]).Zip(values))
            Assert.Equal(
                [2, node.Shape.Channels, .. Networks.ShapeOf(node, size)],
                value.shape.Select(length => (int)length)
            );
        Assert.Equal(
            Networks.Cost(graph, size).Parameters,
            network.parameters().Sum(parameter => parameter.numel())
        );
        foreach (var answer in values.Take(1).Concat(Heads(graph, values)))
            answer.sum().backward(retain_graph: true);
        foreach (var (name, parameter) in network.named_parameters())
            Assert.True(parameter.grad is not null, $"{name} is not reached by the gradient");
    }

    /// <summary>The same graph, every map of which is handed out.</summary>
    private static Graph Watched(Graph graph) =>
        new(
            graph.Name,
            graph.Hash,
            graph.Axes,
            graph.Channels,
            graph.Classes,
            graph.Nodes,
            graph.Output,
            [
                .. Others(graph)
                    .Select(node => new NamedOutput(node.Stage, node.Id, OutputTarget.Labels)),
            ],
            graph.Multiple,
            graph.Slices
        );

    private static IEnumerable<Node> Others(Graph graph) =>
        graph.Nodes.Where(node => node.Id != graph.Output);

    private static IEnumerable<Tensor> Heads(Graph graph, Tensor[] values)
    {
        var others = Others(graph).Select(node => node.Id).ToList();
        return graph.NamedOutputs.Select(head => values[1 + others.IndexOf(head.Node)]);
    }
}
