using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Checkpoints;

/// <summary>
/// A module's weights and the training state in one safetensors file. Saving keeps the previous checkpoint; loading
/// compares the structure before it changes any weight.
/// </summary>
public static class Checkpoint
{
    private const string Weights = "weights.";

    /// <summary>Writes a checkpoint; the file that was there becomes <paramref name="previous"/>.</summary>
    /// <param name="path">The newest checkpoint.</param>
    /// <param name="previous">Where the replaced checkpoint goes; null discards it.</param>
    /// <param name="module">Its parameters and buffers are saved.</param>
    /// <param name="more">Further tensors by name, such as the optimizer state.</param>
    /// <param name="metadata">Texts, such as the run's manifest.</param>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void Save(
        string path,
        string? previous,
        nn.Module module,
        IEnumerable<(string Name, Tensor Value)> more,
        IReadOnlyDictionary<string, string> metadata
    ) =>
        Save(
            path,
            previous,
            module.state_dict().Select(pair => (pair.Key, pair.Value)),
            more,
            metadata
        );

    /// <summary>Writes a checkpoint of other weights than a module has now.</summary>
    /// <param name="path">The newest checkpoint.</param>
    /// <param name="previous">Where the replaced checkpoint goes; null discards it.</param>
    /// <param name="weights">By their names in the module.</param>
    /// <param name="more">Further tensors by name, such as the optimizer state.</param>
    /// <param name="metadata">Texts, such as the run's manifest.</param>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    internal static void Save(
        string path,
        string? previous,
        IEnumerable<(string Name, Tensor Value)> weights,
        IEnumerable<(string Name, Tensor Value)> more,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var tensors = weights
            .Select(pair => (Name: Weights + pair.Name, pair.Value))
            .Concat(more)
            .ToDictionary(pair => pair.Name, pair => TensorBytes.Store(pair.Value));
        var file = new SafetensorsFile(tensors, metadata);
        var fresh = path + ".new";
        file.Write(fresh);
        // Two renames: whenever the process is killed, a complete checkpoint has one of the three names.
        if (previous is not null && File.Exists(path))
            File.Move(path, previous, overwrite: true);
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Loads the weights of a file into a module of the same structure.</summary>
    /// <param name="file">The checkpoint.</param>
    /// <param name="where">Its path, for problems.</param>
    /// <param name="module">Unchanged unless every weight fits.</param>
    /// <exception cref="ProblemException">The structure differs; lists the differences (exit 5).</exception>
    public static void Load(SafetensorsFile file, string where, nn.Module module)
    {
        var expected = module.state_dict();
        var stored = file
            .Tensors.Where(pair => pair.Key.StartsWith(Weights, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[Weights.Length..], pair => pair.Value);
        var differences = Differences(expected, stored).ToArray();
        if (differences is not [])
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                $"belongs to another network: {Listed(differences)}",
                "Use the network it was trained with, or another checkpoint"
            );
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, tensor) in expected)
            tensor.copy_(TensorBytes.Restore(stored[name]));
    }

    /// <summary>Loads those weights of a file that match a weight of the module in name and shape.</summary>
    /// <param name="file">The checkpoint.</param>
    /// <param name="module">Its other weights stay as they are.</param>
    /// <returns>The names of the module's weights that were loaded, and of those that were not.</returns>
    public static (IReadOnlyList<string> Loaded, IReadOnlyList<string> Fresh) LoadMatching(
        SafetensorsFile file,
        nn.Module module
    )
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var _ = no_grad();
        var (loaded, fresh) = (new List<string>(), new List<string>());
        foreach (var (name, tensor) in module.state_dict())
            if (
                file.Tensors.TryGetValue(Weights + name, out var stored)
                && stored.Shape.SequenceEqual(tensor.shape)
            )
            {
                tensor.copy_(TensorBytes.Restore(stored));
                loaded.Add(name);
            }
            else
                fresh.Add(name);
        return (loaded, fresh);
    }

    private static IEnumerable<string> Differences(
        Dictionary<string, Tensor> expected,
        Dictionary<string, StoredTensor> stored
    )
    {
        foreach (var (name, tensor) in expected)
        {
            if (!stored.TryGetValue(name, out var found))
                yield return $"{name} is missing";
            else if (!found.Shape.SequenceEqual(tensor.shape))
                yield return $"{name} has shape [{string.Join(", ", found.Shape)}], expected [{string.Join(", ", tensor.shape)}]";
        }
        foreach (var name in stored.Keys.Except(expected.Keys))
            yield return $"{name} is unexpected";
    }

    private static string Listed(string[] differences) =>
        differences.Length <= 3
            ? string.Join("; ", differences)
            : $"{string.Join("; ", differences[..3])}; and {differences.Length - 3} more differences";
}
