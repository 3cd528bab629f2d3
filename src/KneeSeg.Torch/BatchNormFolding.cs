using KneeSeg.Dsl;
using KneeSeg.Torch.Layers;

namespace KneeSeg.Torch;

/// <summary>
/// Folds batch norms into the convolutions before them, for prediction: with running statistics each is a scale and an
/// offset per channel, which the kernel and bias can absorb.
/// </summary>
internal static class BatchNormFolding
{
    private static readonly StatelessModule Identity = StatelessModule.Of(x => x.alias());

    /// <summary>Replaces convolutions by folded ones and their norms by the identity.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="layers">By node; folded ones are replaced in place.</param>
    /// <returns>The new layers, to be disposed by the caller.</returns>
    public static IReadOnlyList<NetworkModule> Fold(Graph graph, NetworkModule?[] layers)
    {
        // Stages that share a convolution's weights may each have their own norm.
        var folded = new Dictionary<(NetworkModule, NetworkModule), NetworkModule>();
        foreach (
            var node in graph.Nodes.Where(node => node.Op is Op.Norm { Of.Kind.IsBatch: true })
        )
        {
            var source = node.Args[0];
            if (
                layers[source] is not IFoldable convolution
                || layers[node.Id] is not BatchNormalization norm
                || !IsUsedOnlyBy(graph, node, source)
            )
                continue;
            var pair = (layers[source]!, norm);
            if (!folded.TryGetValue(pair, out var one))
                folded[pair] = one = convolution.FoldedWith(norm);
            layers[source] = one;
            layers[node.Id] = Identity;
        }
        return [.. folded.Values];
    }

    private static bool IsUsedOnlyBy(Graph graph, Node norm, int source) =>
        source != graph.Output
        && graph.NamedOutputs.All(output => output.Node != source)
        && graph.Nodes.All(node => node == norm || !node.Args.Contains(source));
}
