using static TorchSharp.torch;

namespace KneeSeg.Training.Optimization;

/// <summary>
/// The exponential moving average (EMA) of a network's weights and running statistics, which generalizes better than the
/// weights of any one step (Polyak and Juditsky 1992; Tarvainen and Valpola 2017).
/// </summary>
internal sealed class EmaWeights : IDisposable
{
    private const string Prefix = "training.";

    private readonly Dictionary<string, Tensor> weights;
    private readonly Dictionary<string, Tensor> means;
    private readonly double decay;

    /// <param name="network">The network.</param>
    /// <param name="decay">The decay, reached after some steps.</param>
    public EmaWeights(nn.Module network, double decay)
    {
        this.decay = decay;
        weights = network
            .state_dict()
            .Where(pair => pair.Value.is_floating_point())
            .ToDictionary(pair => pair.Key, pair => pair.Value);
        means = weights.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.detach().clone().DetachFromDisposeScope()
        );
    }

    /// <summary>Updates the average after a step.</summary>
    /// <param name="step">From 0. The decay is smaller for early steps, so that the initial weights fade.</param>
    public void Update(long step)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var share = 1 - Math.Min(decay, (1.0 + step) / (10 + step));
        foreach (var (name, mean) in means)
            mean.lerp_(weights[name].detach(), share);
    }

    /// <summary>Resets the average to the network's current weights.</summary>
    public void Reset()
    {
        using var _ = no_grad();
        foreach (var (name, mean) in means)
            mean.copy_(weights[name]);
    }

    /// <summary>Swaps the averaged weights into the network until disposed.</summary>
    public IDisposable Swap()
    {
        Exchange();
        return new SwapBack(this);
    }

    /// <summary>A tensor's average; null of those that have none.</summary>
    public Tensor? Average(string name) => means.GetValueOrDefault(name);

    /// <summary>The raw training weights, for a checkpoint whose weights are the averages.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() =>
        means.Keys.Select(name => (Prefix + name, weights[name]));

    /// <summary>Restores what <see cref="State"/> returned, after the averaged weights were loaded into the network.</summary>
    /// <param name="saved">Finds a tensor by its name, or null.</param>
    /// <returns>Whether all tensors were found.</returns>
    public bool Restore(Func<string, Tensor?> saved)
    {
        using var _ = no_grad();
        foreach (var (name, mean) in means)
        {
            if (saved(Prefix + name) is not { } own)
                return false;
            mean.copy_(own);
        }
        Exchange();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mean in means.Values)
            mean.Dispose();
    }

    private void Exchange()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, mean) in means)
        {
            var weight = weights[name];
            var before = weight.detach().clone();
            weight.copy_(mean);
            mean.copy_(before);
        }
    }

    private sealed class SwapBack(EmaWeights average) : IDisposable
    {
        public void Dispose() => average.Exchange();
    }
}
