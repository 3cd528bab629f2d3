using KneeSeg.Dsl;

namespace KneeSeg.Torch;

/// <summary>
/// Batch norms taken into the convolutions before them, for prediction: with running statistics each is a factor and
/// an addend a channel, and so is a convolution's kernel and bias.
/// </summary>
internal static class BatchNormFolding
{
    private static readonly StatelessModule Nothing = StatelessModule.Of(x => x.alias());

    /// <summary>Puts folded layers in the place of convolutions, and nothing in that of their norms.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="layers">By node; those of folded nodes are replaced.</param>
    /// <returns>The new layers, which belong to nobody yet.</returns>
    public static IReadOnlyList<NetworkModule> Fold(Graph graph, NetworkModule?[] layers)
    {
        // A convolution whose weights several stages share may have a norm of its own in each.
        var folded = new Dictionary<(NetworkModule, NetworkModule), NetworkModule>();
        foreach (
            var node in graph.Nodes.Where(node => node.Op is Op.Norm { Of.Kind.IsBatch: true })
        )
        {
            var source = node.Args[0];
            if (
                layers[source] is not IFoldable convolution
                || layers[node.Id] is not BatchNormalization norm
                || !IsSeenOnlyBy(graph, node, source)
            )
                continue;
            var pair = (layers[source]!, norm);
            if (!folded.TryGetValue(pair, out var one))
                folded[pair] = one = convolution.FoldedWith(norm);
            layers[source] = one;
            layers[node.Id] = Nothing;
        }
        return [.. folded.Values];
    }

    private static bool IsSeenOnlyBy(Graph graph, Node norm, int source) =>
        source != graph.Output
        && !graph.Heads.Contains(source)
        && graph.Nodes.All(node => node == norm || !node.Args.Contains(source));
}
