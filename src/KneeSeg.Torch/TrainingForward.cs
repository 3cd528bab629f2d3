using KneeSeg.Dsl;
using KneeSeg.Torch.Layers;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// A forward pass that can be followed by a backward pass, with activation checkpointing: all segments but the last first
/// run without gradients, keeping only what later ones read, and are recomputed in the backward pass (Chen et al. 2016,
/// "Training Deep Nets with Sublinear Memory Cost"). Results are identical: dropout masks and pooling indices are kept, and
/// running statistics are updated once.
/// </summary>
public sealed class TrainingForward : IDisposable
{
    private readonly ExecutionPlan plan;
    private readonly ForwardContext pass;
    private readonly ArraySegment<Node>[] segments;
    private readonly Tensor?[] values;

    internal TrainingForward(ExecutionPlan plan, int[] segmentStarts, ForwardContext pass)
    {
        (this.plan, this.pass) = (plan, pass);
        values = new Tensor?[plan.LastUse.Length];
        segments = [.. SegmentsOf(plan.Nodes, segmentStarts)];
        foreach (var segment in segments[..^1])
            RunWithoutGradients(segment);
        plan.Run(segments[^1], values, pass);
        Outputs = Array.ConvertAll(
            plan.Outputs,
            id => ForwardContext.Cast(values[id]!, ScalarType.Float32)
        );
        foreach (var node in segments[^1])
            values[node.Id]!.Dispose();
    }

    /// <summary>
    /// The logits <c>[N, classes, (D,) H, W]</c>, followed by the network's <see cref="Graph.NamedOutputs"/>, in float32; these may
    /// be coarser.
    /// </summary>
    public Tensor[] Outputs { get; }

    /// <summary>The backward pass: accumulates the gradients of a loss in the network's weights. Disposes the outputs.</summary>
    /// <param name="lossOf">Computes a scalar loss from the outputs.</param>
    /// <returns>The loss.</returns>
    public double Backward(Func<Tensor[], Tensor> lossOf)
    {
        double value;
        // The autograd graph holds the feature maps, so it is disposed before segments are recomputed.
        using (NewDisposeScope())
        {
            var loss = lossOf(Outputs);
            loss.backward();
            value = loss.item<float>();
        }
        foreach (var output in Outputs)
            output.Dispose();
        pass.IsRepeated = true;
        foreach (var segment in segments[..^1].Reverse())
            Recompute(segment);
        pass.Watch?.Rethrow();
        return value;
    }

    /// <summary>Frees what was kept for the backward pass.</summary>
    public void Dispose()
    {
        foreach (var value in values)
            value?.Dispose();
        pass.Dispose();
    }

    /// <summary>The nodes between boundaries; none is empty.</summary>
    private static IEnumerable<ArraySegment<Node>> SegmentsOf(Node[] nodes, int[] segmentStarts)
    {
        var first = 0;
        foreach (var start in segmentStarts.Append(int.MaxValue))
        {
            var end = Array.FindIndex(nodes, node => node.Id >= start) is var at and >= 0
                ? at
                : nodes.Length;
            if (end > first)
                yield return new(nodes, first, end - first);
            first = end;
        }
    }

    /// <summary>Runs a segment without gradients; what later segments read becomes a leaf of their autograd graph.</summary>
    private void RunWithoutGradients(ArraySegment<Node> segment)
    {
        using var _ = no_grad();
        plan.Run(segment, values, pass);
        foreach (var node in segment.Where(node => !node.Op.IsInput && IsReadLater(node, segment)))
            values[node.Id]!.requires_grad = true;
    }

    /// <summary>Recomputes a segment, then propagates the gradients of what later segments read.</summary>
    private void Recompute(ArraySegment<Node> segment)
    {
        using var scope = NewDisposeScope();
        Node[] outgoing = [.. segment.Where(node => IsReadLater(node, segment))];
        var gradients = Array.ConvertAll(outgoing, node => values[node.Id]!.grad);
        foreach (var node in outgoing)
            values[node.Id]!.Dispose();
        plan.Run(segment, values, pass);
        var due = outgoing
            .Zip(gradients, (node, gradient) => (Value: values[node.Id]!, Gradient: gradient))
            .Where(pair => pair.Gradient is not null && pair.Value.requires_grad)
            .ToList();
        if (due.Count > 0)
            autograd.backward(
                [.. due.Select(pair => pair.Value)],
                [.. due.Select(pair => pair.Gradient!)]
            );
    }

    private bool IsReadLater(Node node, ArraySegment<Node> segment) =>
        plan.LastUse[node.Id] > segment[^1].Id;
}
