using KneeSeg.Dsl;

namespace KneeSeg.Reports;

/// <summary>What a reader wants to know of a network.</summary>
/// <param name="Name">Its name with variants, such as "vnet+relative".</param>
/// <param name="Hash">Names the architecture.</param>
/// <param name="Size">The patch it was trained on, in voxels: depth, height, width or height, width.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="Macs">Multiply-accumulates of one forward pass at <paramref name="Size"/>.</param>
/// <param name="ReceptiveField">Voxels that one output voxel depends on, on each axis.</param>
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
    /// <param name="patch">What it was trained on: depth, height, width; for a network of two axes the last two count.</param>
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
