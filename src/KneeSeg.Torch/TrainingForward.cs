using KneeSeg.Dsl;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// One way through a network and back: its answers, and after the loss of them its gradients. Where the nodes are cut
/// into segments, all but the last are first gone through without a thought of gradients, keeping what later ones read, and
/// once more when their gradients are due (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"). The numbers
/// are the same: units that drop out and the places of poolings are kept, running statistics move once.
/// </summary>
public sealed class TrainingForward : IDisposable
{
    private readonly TorchNetwork network;
    private readonly ExecutionPlan plan;
    private readonly ForwardContext pass;
    private readonly ArraySegment<Node>[] segments;
    private readonly Tensor?[] values;

    internal TrainingForward(
        TorchNetwork network,
        ExecutionPlan plan,
        int[] cuts,
        ForwardContext pass
    )
    {
        (this.network, this.plan, this.pass) = (network, plan, pass);
        values = new Tensor?[plan.LastUse.Length];
        segments =
        [
            .. new[] { 0 }
                .Concat(cuts)
                .Zip(
                    cuts.Append(plan.Nodes.Length),
                    (first, end) => new ArraySegment<Node>(plan.Nodes, first, end - first)
                ),
        ];
        foreach (var segment in segments[..^1])
            Begin(segment);
        network.Walk(segments[^1], plan, values, pass);
        Outputs = Array.ConvertAll(
            plan.Outputs,
            id => ForwardContext.Cast(values[id]!, ScalarType.Float32)
        );
        foreach (var node in segments[^1])
            values[node.Id]!.Dispose();
    }

    /// <summary>
    /// The logits <c>[N, classes, (D,) H, W]</c> and, behind them, those of the heads, roughest first; float32. Heads may have
    /// coarser maps, as <see cref="Graph.Heads"/> say.
    /// </summary>
    public Tensor[] Outputs { get; }

    /// <summary>Goes back: adds the gradients of a loss to those of the network's weights. The answers are gone after.</summary>
    /// <param name="lossOf">A scalar from the answers.</param>
    /// <returns>The loss.</returns>
    public double Backward(Func<Tensor[], Tensor> lossOf)
    {
        double value;
        // What leads to the answers holds the maps where their gradients begin, so nothing of it stays.
        using (NewDisposeScope())
        {
            var loss = lossOf(Outputs);
            loss.backward();
            value = loss.item<float>();
        }
        foreach (var answer in Outputs)
            answer.Dispose();
        pass.IsRepeated = true;
        foreach (var segment in segments[..^1].Reverse())
            Repeat(segment);
        return value;
    }

    /// <summary>Lets go of what was kept for the way back.</summary>
    public void Dispose()
    {
        foreach (var value in values)
            value?.Dispose();
        pass.Dispose();
    }

    /// <summary>There for the first time; what later segments read becomes the beginning of their gradients.</summary>
    private void Begin(ArraySegment<Node> segment)
    {
        using var _ = no_grad();
        network.Walk(segment, plan, values, pass);
        foreach (var node in segment.Where(node => !node.Op.IsInput && Leaves(node, segment)))
            values[node.Id]!.requires_grad = true;
    }

    /// <summary>There again, and back with the gradients of what later segments read.</summary>
    private void Repeat(ArraySegment<Node> segment)
    {
        using var scope = NewDisposeScope();
        Node[] left = [.. segment.Where(node => Leaves(node, segment))];
        var gradients = Array.ConvertAll(left, node => values[node.Id]!.grad);
        foreach (var node in left)
            values[node.Id]!.Dispose();
        network.Walk(segment, plan, values, pass);
        var due = left.Zip(
                gradients,
                (node, gradient) => (Value: values[node.Id]!, Gradient: gradient)
            )
            .Where(pair => pair.Gradient is not null && pair.Value.requires_grad)
            .ToList();
        if (due.Count > 0)
            autograd.backward(
                [.. due.Select(pair => pair.Value)],
                [.. due.Select(pair => pair.Gradient!)]
            );
    }

    private bool Leaves(Node node, ArraySegment<Node> segment) =>
        plan.LastUse[node.Id] > segment[^1].Id;
}
