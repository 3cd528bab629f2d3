using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// A module's weights and whatever else a run must remember, in one safetensors file. Saving keeps the
/// generation before; loading compares structure before it changes a single weight.
/// </summary>
public static class Checkpoint
{
    private const string Weights = "weights.";

    /// <summary>Writes a checkpoint; the file that was there becomes <paramref name="previous"/>.</summary>
    /// <param name="path">The newest generation.</param>
    /// <param name="previous">Where the generation before goes; null lets it go.</param>
    /// <param name="module">Its parameters and buffers are saved.</param>
    /// <param name="more">Further tensors by name, such as an optimizer's.</param>
    /// <param name="metadata">Texts, such as the run's description.</param>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public static void Save(
        string path,
        string? previous,
        nn.Module module,
        IEnumerable<(string Name, Tensor Value)> more,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var tensors = module
            .state_dict()
            .Select(pair => (Name: Weights + pair.Key, pair.Value))
            .Concat(more)
            .ToDictionary(pair => pair.Name, pair => TensorBytes.Store(pair.Value));
        var file = new SafetensorsFile(tensors, metadata);
        var fresh = path + ".new";
        file.Write(fresh);
        // Two renames: whatever moment a kill chooses, a whole generation has one of the three names.
        if (previous is not null && File.Exists(path))
            File.Move(path, previous, overwrite: true);
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Puts the weights of a file into a module of the same structure.</summary>
    /// <param name="file">What was read.</param>
    /// <param name="where">Its path, for problems.</param>
    /// <param name="module">Unchanged unless every weight fits.</param>
    /// <exception cref="ProblemException">The structure is another; names what differs (exit 5).</exception>
    public static void Load(SafetensorsFile file, string where, nn.Module module)
    {
        var wanted = module.state_dict();
        var stored = file
            .Tensors.Where(pair => pair.Key.StartsWith(Weights, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[Weights.Length..], pair => pair.Value);
        var differences = Differences(wanted, stored).ToArray();
        if (differences is not [])
            throw new ProblemException(
                ExitCode.Checkpoint,
                where,
                $"belongs to another network: {Listed(differences)}",
                "Use the network that it was trained with, or another checkpoint"
            );
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, tensor) in wanted)
            tensor.copy_(TensorBytes.Restore(stored[name]));
    }

    /// <summary>Puts those weights of a file into a module that have a place of the same name and shape there.</summary>
    /// <param name="file">What was read.</param>
    /// <param name="module">Its other weights stay as they are.</param>
    /// <returns>The names of the module's weights that were taken, and of those that were not.</returns>
    public static (IReadOnlyList<string> Taken, IReadOnlyList<string> Fresh) LoadMatching(
        SafetensorsFile file,
        nn.Module module
    )
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var _ = no_grad();
        var (taken, fresh) = (new List<string>(), new List<string>());
        foreach (var (name, tensor) in module.state_dict())
            if (
                file.Tensors.TryGetValue(Weights + name, out var stored)
                && stored.Shape.SequenceEqual(tensor.shape)
            )
            {
                tensor.copy_(TensorBytes.Restore(stored));
                taken.Add(name);
            }
            else
                fresh.Add(name);
        return (taken, fresh);
    }

    private static IEnumerable<string> Differences(
        Dictionary<string, Tensor> wanted,
        Dictionary<string, StoredTensor> stored
    )
    {
        foreach (var (name, tensor) in wanted)
        {
            if (!stored.TryGetValue(name, out var found))
                yield return $"it lacks {name}";
            else if (!found.Shape.SequenceEqual(tensor.shape))
                yield return $"{name} is [{string.Join(", ", found.Shape)}] and should be [{string.Join(", ", tensor.shape)}]";
        }
        foreach (var name in stored.Keys.Except(wanted.Keys))
            yield return $"it has {name} besides";
    }

    private static string Listed(string[] differences) =>
        differences.Length <= 3
            ? string.Join("; ", differences)
            : $"{string.Join("; ", differences[..3])}; and {differences.Length - 3} more differences";
}
