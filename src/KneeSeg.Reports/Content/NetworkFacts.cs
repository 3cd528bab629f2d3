using KneeSeg.Dsl;

namespace KneeSeg.Reports.Content;

/// <summary>A network's name, size and cost.</summary>
/// <param name="Name">Its name with variants, such as "vnet+relative".</param>
/// <param name="Hash">Identifies the architecture.</param>
/// <param name="Size">The patch it was trained on, in voxels: depth, height, width or height, width.</param>
/// <param name="Parameters">Trainable parameters.</param>
/// <param name="Macs">Multiply-accumulates of one forward pass at <paramref name="Size"/>.</param>
/// <param name="ReceptiveField">In voxels, on each axis.</param>
/// <param name="Diagram">The network as an SVG document; empty for none.</param>
public sealed record NetworkFacts(
    string Name,
    string Hash,
    IReadOnlyList<int> Size,
    long Parameters,
    long Macs,
    IReadOnlyList<int> ReceptiveField,
    string Diagram
)
{
    /// <summary>Of a graph.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="patch">The patch size: depth, height, width; a 2D network uses the last two.</param>
    /// <exception cref="SpecException">The patch doesn't fit the network.</exception>
    public static NetworkFacts Of(Graph graph, IReadOnlyList<int> patch)
    {
        int[] size = [.. patch.TakeLast(graph.Axes)];
        var cost = Networks.Cost(graph, size);
        return new(
            graph.Name,
            graph.Hash,
            size,
            cost.Parameters,
            cost.Macs,
            cost.ReceptiveField,
            Diagrams.Diagram.Svg(graph, size)
        );
    }
}
