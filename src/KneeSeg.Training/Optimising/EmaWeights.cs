using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// A running mean of a network's weights and statistics, which predicts better than the weights of any one step (Polyak and
/// Juditsky 1992; as exponential mean Tarvainen and Valpola 2017).
/// </summary>
internal sealed class EmaWeights : IDisposable
{
    private const string Prefix = "training.";

    private readonly Dictionary<string, Tensor> weights;
    private readonly Dictionary<string, Tensor> means;
    private readonly double kept;

    /// <param name="network">Whose weights.</param>
    /// <param name="kept">The share of the mean that each step keeps, once there were many.</param>
    public EmaWeights(nn.Module network, double kept)
    {
        this.kept = kept;
        weights = network
            .state_dict()
            .Where(pair => pair.Value.is_floating_point())
            .ToDictionary(pair => pair.Key, pair => pair.Value);
        means = weights.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.detach().clone().DetachFromDisposeScope()
        );
    }

    /// <summary>Takes in the weights after a step.</summary>
    /// <param name="step">From 0. Early means follow faster, or the first weights would last.</param>
    public void Follow(long step)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var share = 1 - Math.Min(kept, (1.0 + step) / (10 + step));
        foreach (var (name, mean) in means)
            mean.lerp_(weights[name].detach(), share);
    }

    /// <summary>Begins anew with the network's weights as they are.</summary>
    public void Reset()
    {
        using var _ = no_grad();
        foreach (var (name, mean) in means)
            mean.copy_(weights[name]);
    }

    /// <summary>Puts the means into the network until disposed, and the network's weights in their place.</summary>
    public IDisposable InNetwork()
    {
        Exchange();
        return new Back(this);
    }

    /// <summary>The weights that training goes on with, while the means are in the network.</summary>
    public IEnumerable<(string Name, Tensor Value)> Memory() =>
        means.Select(pair => (Prefix + pair.Key, pair.Value));

    /// <summary>Puts back what <see cref="Memory"/> gave, after the means were loaded into the network.</summary>
    /// <param name="saved">Finds a tensor by its name, or null.</param>
    /// <returns>Whether all of it was there.</returns>
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

    private sealed class Back(EmaWeights average) : IDisposable
    {
        public void Dispose() => average.Exchange();
    }
}
