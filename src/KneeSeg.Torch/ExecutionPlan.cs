using KneeSeg.Dsl;
using KneeSeg.Torch.Fused;
using KneeSeg.Torch.Layers;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>The nodes to run, in order, and the last use of each value.</summary>
/// <param name="Layers">The graph's modules, by node; null for inputs.</param>
/// <param name="Nodes">The nodes that run.</param>
/// <param name="LastUse">For each node of the graph, the last node that reads it; past the end for outputs.</param>
/// <param name="Outputs">The nodes whose values are returned: in this order.</param>
internal sealed record ExecutionPlan(
    NetworkModule?[] Layers,
    Node[] Nodes,
    int[] LastUse,
    int[] Outputs
)
{
    /// <summary>A plan that runs what some outputs need.</summary>
    /// <param name="nodes">Of a graph, or what <see cref="BlockFusion"/> made of them.</param>
    /// <param name="layers">By node of the graph.</param>
    /// <param name="outputs">The nodes whose values are returned.</param>
    public static ExecutionPlan Of(Node[] nodes, NetworkModule?[] layers, params int[] outputs)
    {
        // The last use of a node that nothing needs is -1.
        var last = Enumerable.Repeat(-1, layers.Length).ToArray();
        foreach (var id in outputs)
            last[id] = layers.Length;
        foreach (var node in nodes.Reverse().Where(node => last[node.Id] >= 0))
        foreach (var id in node.Args)
            last[id] = Math.Max(last[id], node.Id);
        return new(layers, [.. nodes.Where(node => last[node.Id] >= 0)], last, outputs);
    }

    /// <summary>Computes nodes in order and frees each value after its last use.</summary>
    /// <param name="nodes">All nodes of the plan, or consecutive ones.</param>
    /// <param name="values">By node; receives their values. Those of earlier nodes are kept.</param>
    /// <param name="pass">The state of this pass.</param>
    /// <param name="computed">Receives each value as soon as it is computed.</param>
    public void Run(
        ReadOnlySpan<Node> nodes,
        Tensor?[] values,
        ForwardContext pass,
        Action<Node, Tensor>? computed = null
    )
    {
        var first = nodes[0].Id;
        foreach (var node in nodes)
        {
            var value = node.Op is Op.Input { Name: var name }
                ? Prepare(name == "image" ? pass.Image : pass.Position, pass)
                : Run(Layers[node.Id]!, Array.ConvertAll(node.Args, id => values[id]!), pass);
            values[node.Id] = pass.Watch?.Watched(node, value) ?? value;
            computed?.Invoke(node, values[node.Id]!);
            foreach (var id in node.Args)
                if (LastUse[id] == node.Id && id >= first)
                    values[id]!.Dispose();
        }
    }

    /// <summary>Runs a module on arguments in its type: kernels of our own cast theirs themselves.</summary>
    private static Tensor Run(NetworkModule module, Tensor[] arguments, ForwardContext pass)
    {
        if (module is FusedModule || arguments.All(one => one.dtype == pass.Type))
            return module.Run(arguments, pass);
        using var scope = NewDisposeScope();
        return module
            .Run(Array.ConvertAll(arguments, one => ForwardContext.Cast(one, pass.Type)), pass)
            .MoveToOuterDisposeScope();
    }

    /// <summary>An input in the pass's format; the position vector becomes a map of one voxel.</summary>
    private static Tensor Prepare(Tensor? input, ForwardContext pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var axes = (int)pass.Image.dim() - 2;
        var map =
            input.dim() == 2
                ? input.reshape([.. input.shape, .. Enumerable.Repeat(1L, axes)])
                : input;
        return ChannelsLast.Of(map).MoveToOuterDisposeScope();
    }
}
