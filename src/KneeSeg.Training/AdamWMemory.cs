using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>
/// What AdamW remembers between steps, as named tensors, so that a checkpoint can hold it and a resumed
/// run goes on with the same bytes.
/// </summary>
internal static class AdamWMemory
{
    private const string Prefix = "optimizer.";

    /// <summary>The moments and step count of every parameter. The tensors are the optimiser's own.</summary>
    public static IEnumerable<(string Name, Tensor Value)> Save(
        AdamW optimizer,
        IReadOnlyList<string> names
    )
    {
        foreach (var (name, state) in States(optimizer, names))
        {
            yield return ($"{Prefix}{name}.mean", state.exp_avg);
            yield return ($"{Prefix}{name}.square", state.exp_avg_sq);
            yield return ($"{Prefix}{name}.steps", tensor(state.step));
        }
    }

    /// <summary>Puts back what <see cref="Save"/> gave.</summary>
    /// <param name="optimizer">Of the network that was saved.</param>
    /// <param name="names">Of its parameters, in order.</param>
    /// <param name="saved">Finds a tensor by its name.</param>
    public static void Load(
        AdamW optimizer,
        IReadOnlyList<string> names,
        Func<string, Tensor> saved
    )
    {
        using var _ = no_grad();
        foreach (var (name, state) in States(optimizer, names))
        {
            state.exp_avg.copy_(saved($"{Prefix}{name}.mean"));
            state.exp_avg_sq.copy_(saved($"{Prefix}{name}.square"));
            state.step = saved($"{Prefix}{name}.steps").item<long>();
        }
    }

    private static IEnumerable<(string Name, AdamW.State State)> States(
        AdamW optimizer,
        IReadOnlyList<string> names
    ) => names.Zip(optimizer.state_dict().State.Cast<AdamW.State>());
}
