using KneeSeg.Runs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Training.Optimization;

/// <summary>
/// A recipe's optimizer, with its state as named tensors, so that a run resumed from a checkpoint gives identical bytes.
/// </summary>
internal sealed class Optimizer : IDisposable
{
    private const string Prefix = "optimizer.";
    private const double KerasEpsilon = 1e-7;

    private readonly OptimizerHelper optimizer;
    private readonly string[] names;

    /// <param name="network">The network to optimize.</param>
    /// <param name="recipe">Optimizer and hyperparameters.</param>
    public Optimizer(nn.Module network, Recipe recipe)
    {
        names = [.. network.named_parameters().Select(pair => pair.name)];
        var (weights, rate, decay) = (
            network.parameters(),
            recipe.LearningRate,
            recipe.WeightDecay
        );
        optimizer = recipe.Optimizer switch
        {
            OptimizerKind.Adam => optim.Adam(weights, rate, eps: KerasEpsilon, weight_decay: decay),
            OptimizerKind.RmsProp => optim.RMSProp(
                weights,
                rate,
                alpha: 0.9,
                eps: KerasEpsilon,
                weight_decay: decay,
                momentum: recipe.Momentum
            ),
            OptimizerKind.Sgd => optim.SGD(
                weights,
                rate,
                momentum: recipe.Momentum,
                weight_decay: decay,
                nesterov: recipe.Momentum > 0
            ),
            _ => optim.AdamW(weights, rate, weight_decay: decay),
        };
    }

    /// <summary>Zeroes the gradients.</summary>
    public void Clear() => optimizer.zero_grad();

    /// <summary>Updates the weights.</summary>
    public void Step(double rate)
    {
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = rate;
        optimizer.step();
    }

    /// <summary>The optimizer's state; the tensors are not copies.</summary>
    public IEnumerable<(string Name, Tensor Value)> State() =>
        from state in States()
        from part in Parts(state.State)
        where part.Value is not null
        select ($"{Prefix}{state.Name}.{part.Name}", part.Value);

    /// <summary>Restores what <see cref="State"/> returned.</summary>
    /// <param name="saved">Finds a tensor by its name, or null.</param>
    /// <returns>Whether all tensors were found.</returns>
    public bool Restore(Func<string, Tensor?> saved)
    {
        using var _ = no_grad();
        foreach (var (name, state) in States())
        foreach (var (part, value, take) in Parts(state))
        {
            if (saved($"{Prefix}{name}.{part}") is { } kept)
                take(kept);
            // State that does not exist before the first step may be missing.
            else if (value is not null)
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => optimizer.Dispose();

    private IEnumerable<(string Name, OptimizerState State)> States() =>
        names.Zip(optimizer.state_dict().State);

    private static (string Name, Tensor? Value, Action<Tensor> Take)[] Parts(
        OptimizerState state
    ) =>
        state switch
        {
            AdamW.State s =>
            [
                ("mean", s.exp_avg, kept => s.exp_avg.copy_(kept)),
                ("square", s.exp_avg_sq, kept => s.exp_avg_sq.copy_(kept)),
                ("steps", tensor(s.step), kept => s.step = kept.item<long>()),
            ],
            Adam.State s =>
            [
                ("mean", s.exp_avg, kept => s.exp_avg.copy_(kept)),
                ("square", s.exp_avg_sq, kept => s.exp_avg_sq.copy_(kept)),
                ("steps", tensor(s.step), kept => s.step = kept.item<long>()),
            ],
            RMSProp.State s =>
            [
                ("square", s.square_avg, kept => s.square_avg.copy_(kept)),
                ("momentum", s.momentum_buffer, kept => s.momentum_buffer.copy_(kept)),
                ("steps", tensor(s.step), kept => s.step = kept.item<long>()),
            ],
            SGD.State s =>
            [
                ("momentum", s.momentum_buffer, kept => s.momentum_buffer = Kept(kept)),
            ],
            _ => [],
        };

    private static Tensor Kept(Tensor saved) => saved.clone().DetachFromDisposeScope();
}
