using KneeSeg.Dsl;

namespace KneeSeg.Torch;

/// <summary>The nodes to run, in order, and the last use of each value.</summary>
/// <param name="Nodes">The nodes that run.</param>
/// <param name="LastUse">For each node of the graph, the last node that reads it; past the end for outputs.</param>
/// <param name="Outputs">The nodes whose values are returned: the output, then the heads.</param>
internal sealed record ExecutionPlan(Node[] Nodes, int[] LastUse, int[] Outputs)
{
    public static ExecutionPlan Of(Graph graph, bool withHeads)
    {
        Node[] nodes = [.. graph.Nodes.Where(node => withHeads || !node.InHead)];
        int[] outputs = [graph.Output, .. withHeads ? graph.Heads : []];
        var last = new int[graph.Nodes.Length];
        foreach (var node in nodes)
        foreach (var id in node.Args)
            last[id] = node.Id;
        foreach (var id in outputs)
            last[id] = graph.Nodes.Length;
        return new(nodes, last, outputs);
    }
}
