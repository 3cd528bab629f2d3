using KneeSeg.Torch;
using KneeSeg.Torch.Layers;
using static TorchSharp.torch;

namespace KneeSeg.Training.Parallel;

/// <summary>
/// The gradients of a batch that is computed in parts: their sum in the order of the parts, element by element in float32.
/// So parts in several processes give the bytes of one process that computes them one after another. The gradients of a part
/// are complete before they are added.
/// </summary>
internal sealed class GradientSum : IDisposable
{
    private const int Buckets = 8;
    private const int MinBucket = 1 << 12;
    private const int MaxBucket = 1 << 22;

    private readonly Ranks ranks;
    private readonly Bucket[] buckets;
    private int started;

    /// <param name="network">Whose weights have the gradients.</param>
    /// <param name="ranks">Each has one part; alone, this process has all.</param>
    public GradientSum(TorchNetwork network, Ranks ranks)
    {
        this.ranks = ranks;
        var weights = network.WeightsInBackwardOrder();
        var length = Math.Clamp(
            weights.Sum(one => one.Weight.numel()) / Buckets,
            MinBucket,
            MaxBucket
        );
        List<List<(Tensor Weight, int Before)>> groups = [];
        var room = 0L;
        foreach (var one in weights)
        {
            if (room <= 0)
            {
                groups.Add([]);
                room = length;
            }
            groups[^1].Add(one);
            room -= one.Weight.numel();
        }
        buckets = [.. groups.Select(group => new Bucket(group, ranks))];
    }

    /// <summary>
    /// Watches the backward pass of this rank's part, to send gradients while the pass goes on; null where there is nobody to send
    /// to.
    /// </summary>
    public GradientWatch? Watch()
    {
        started = 0;
        return ranks.Count == 1
            ? null
            : new(buckets.Select(bucket => bucket.Before).ToHashSet(), Send);
    }

    /// <summary>Bytes that it keeps for each weight.</summary>
    public static int BytesPerWeight(Ranks ranks) => sizeof(float) * (ranks.Count > 1 ? 2 : 1);

    /// <summary>Adds the gradients of the next part, if this process has all.</summary>
    /// <param name="isFirst">Whether it is the first, so that the sum begins anew.</param>
    public void Add(bool isFirst)
    {
        if (ranks.Count > 1)
            return;
        foreach (var bucket in buckets)
            bucket.Add(isFirst);
    }

    /// <summary>Adds up the parts of all ranks, and makes the sum the gradients of the weights.</summary>
    public void Complete()
    {
        if (ranks.Count > 1)
            Exchange();
        foreach (var bucket in buckets)
            bucket.Store();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var bucket in buckets)
            bucket.Dispose();
    }

    // In the order of buckets, which is the same on every rank; a bucket may have to wait for a later weight of an earlier one.
    private void Send(int before)
    {
        while (started < buckets.Length && buckets[started].Before >= before)
            buckets[started++].Scatter();
        foreach (var bucket in buckets.Take(started))
            bucket.DriveOn();
    }

    // Each rank adds up one block of each bucket, in the order of ranks, and all receive all blocks.
    private void Exchange()
    {
        Send(int.MinValue);
        foreach (var bucket in buckets)
            bucket.Gather();
        foreach (var bucket in buckets)
            bucket.Wait();
    }

    /// <summary>The gradients of consecutive weights, one after another.</summary>
    private sealed class Bucket : IDisposable
    {
        private readonly IReadOnlyList<Tensor> weights;
        private readonly Ranks ranks;
        private readonly int block;
        private readonly Tensor values;
        private readonly Tensor? received;
        private readonly Tensor[] views;
        private IExchange? exchange;

        public Bucket(IReadOnlyList<(Tensor Weight, int Before)> group, Ranks ranks)
        {
            this.ranks = ranks;
            weights = [.. group.Select(one => one.Weight)];
            Before = group.Min(one => one.Before);
            var length = weights.Sum(weight => weight.numel());
            block = checked((int)((length + ranks.Count - 1) / ranks.Count));
            using var scope = NewDisposeScope();
            values = zeros((long)block * ranks.Count).DetachFromDisposeScope();
            received = ranks.Count > 1 ? zeros_like(values).DetachFromDisposeScope() : null;
            views = new Tensor[weights.Count];
            var at = 0L;
            for (var i = 0; i < views.Length; i++)
            {
                views[i] = values
                    .narrow(0, at, weights[i].numel())
                    .view(weights[i].shape)
                    .DetachFromDisposeScope();
                at += weights[i].numel();
            }
        }

        /// <summary>The node after which all weights are used.</summary>
        public int Before { get; }

        public void Add(bool isFirst)
        {
            using var scope = NewDisposeScope();
            foreach (var (weight, view) in weights.Zip(views))
            {
                // A weight that no output depends on has no gradient.
                var gradient = weight.grad;
                if (isFirst && gradient is null)
                    view.zero_();
                else if (isFirst)
                    view.copy_(gradient!);
                else if (gradient is not null)
                    view.add_(gradient.cpu());
            }
        }

        public void Store()
        {
            using var scope = NewDisposeScope();
            foreach (var (weight, view) in weights.Zip(views))
                weight.grad?.copy_(view);
        }

        public void Scatter()
        {
            Add(isFirst: true);
            exchange = ranks.AllToAll(Address(values), Address(received!), block);
        }

        public void Gather()
        {
            Wait();
            using var scope = NewDisposeScope();
            var own = Block(values, ranks.Rank);
            own.copy_(Block(received!, 0));
            for (var rank = 1; rank < ranks.Count; rank++)
                own.add_(Block(received!, rank));
            exchange = ranks.AllGather(Address(values), block);
        }

        public void DriveOn() => _ = exchange!.IsDone();

        public void Wait() => ranks.Wait(exchange!);

        public void Dispose()
        {
            foreach (var view in views)
                view.Dispose();
            received?.Dispose();
            values.Dispose();
        }

        private Tensor Block(Tensor blocks, int rank) =>
            blocks.narrow(0, (long)rank * block, block);

        private static unsafe nint Address(Tensor tensor)
        {
            fixed (byte* start = tensor.bytes)
                return (nint)start;
        }
    }
}
