using KneeSeg.Dsl;

namespace KneeSeg.Torch;

/// <summary>Which nodes run, in order, and until when each value is needed.</summary>
/// <param name="Nodes">The nodes that run.</param>
/// <param name="LastUse">For each node of the graph the last one that reads it; beyond all where its value is handed out.</param>
/// <param name="Outputs">The nodes whose values are handed out, the output first.</param>
internal sealed record ExecutionPlan(Node[] Nodes, int[] LastUse, int[] Outputs)
{
    public static ExecutionPlan Of(Graph graph, bool withHeads)
    {
        Node[] nodes = [.. graph.Nodes.Where(node => withHeads || !node.InHead)];
        int[] answers = [graph.Output, .. withHeads ? graph.Heads : []];
        var last = new int[graph.Nodes.Length];
        foreach (var node in nodes)
        foreach (var id in node.Args)
            last[id] = node.Id;
        foreach (var id in answers)
            last[id] = graph.Nodes.Length;
        return new(nodes, last, answers);
    }
}
