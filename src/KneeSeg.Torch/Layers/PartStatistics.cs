using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// What one part of a batch does to the running statistics of a network's batch norms, apart from them: k updates with momentum m
/// are r ← (1 − m)^k·r + c, and c is what they make of zero. So parts that are computed in different places are applied in
/// order, to the same bytes.
/// </summary>
internal sealed class PartStatistics : IDisposable
{
    private readonly IReadOnlyList<BatchNormalization> norms;
    private readonly Dictionary<BatchNormalization, Updates> updates;

    public PartStatistics(IReadOnlyList<BatchNormalization> norms)
    {
        this.norms = norms;
        updates = norms.ToDictionary(norm => norm, norm => norm.NoUpdates());
    }

    /// <summary>
    /// Of each batch norm in the network's order: how many updates there were, and c of the means and of the variances.
    /// </summary>
    public double[] Values() => [.. norms.SelectMany(norm => updates[norm].Values())];

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var one in updates.Values)
            one.Dispose();
    }

    /// <summary>The tensors that a norm's next update changes.</summary>
    public (Tensor Mean, Tensor Variance) Next(BatchNormalization norm)
    {
        var one = updates[norm];
        one.Count++;
        return (one.Mean, one.Variance);
    }

    public sealed class Updates(Tensor mean, Tensor variance) : IDisposable
    {
        public int Count { get; set; }

        public Tensor Mean => mean;

        public Tensor Variance => variance;

        public IEnumerable<double> Values() => [Count, .. Floats(mean), .. Floats(variance)];

        public void Dispose()
        {
            mean.Dispose();
            variance.Dispose();
        }
    }

    /// <summary>A vector's numbers.</summary>
    public static IEnumerable<double> Floats(Tensor vector)
    {
        using var plain = vector.cpu();
        return plain.data<float>().ToArray().Select(one => (double)one);
    }
}
