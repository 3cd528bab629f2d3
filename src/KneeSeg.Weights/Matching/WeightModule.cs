namespace KneeSeg.Weights.Matching;

/// <summary>A layer with weights: the tensors whose names differ only after the last dot.</summary>
/// <param name="Name">Such as <c>encoder.conv1</c>.</param>
/// <param name="Shapes">Of its tensors, by the last part of their names, such as <c>weight</c>.</param>
public sealed record WeightModule(string Name, IReadOnlyDictionary<string, long[]> Shapes)
{
    // PyTorch's batch norms count batches, which nothing needs.
    private const string BatchCount = "num_batches_tracked";

    /// <summary>Its tensors, such as <c>weight [16, 1, 3, 3, 3], bias [16]</c>.</summary>
    public string Form =>
        string.Join(
            ", ",
            Shapes.Select(pair => $"{pair.Key} [{string.Join(", ", pair.Value)}]").OrderDescending()
        );

    /// <summary>The whole name of one of its tensors.</summary>
    public string TensorName(string last) => Name is "" ? last : $"{Name}.{last}";

    /// <summary>The layers of named tensors, in the order of their first ones.</summary>
    public static IReadOnlyList<WeightModule> Of(IEnumerable<(string Name, long[] Shape)> tensors)
    {
        var modules = new OrderedDictionary<string, Dictionary<string, long[]>>();
        foreach (var (name, shape) in tensors)
        {
            var dot = name.LastIndexOf('.');
            var (module, last) = (name[..Math.Max(0, dot)], name[(dot + 1)..]);
            if (last == BatchCount)
                continue;
            if (!modules.TryGetValue(module, out var shapes))
                modules.Add(module, shapes = []);
            shapes.Add(last, shape);
        }
        return [.. modules.Select(pair => new WeightModule(pair.Key, pair.Value))];
    }

    /// <summary>Whether this layer can have the tensors of another one.</summary>
    public bool Takes(WeightModule other) =>
        Shapes.Count == other.Shapes.Count
        && Shapes.All(pair =>
            other.Shapes.TryGetValue(pair.Key, out var shape)
            && (shape.SequenceEqual(pair.Value) || IsOneSlope(shape))
        );

    // A PReLU with one slope is one with this slope for every channel.
    private bool IsOneSlope(long[] shape) =>
        shape is [1] && Shapes is { Count: 1 } && Shapes.Single().Value is [_];
}
