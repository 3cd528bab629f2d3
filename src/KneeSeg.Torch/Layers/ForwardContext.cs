using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>State of one forward pass through a network.</summary>
/// <param name="type">The element type of feature maps.</param>
/// <param name="training">Whether dropout is on and batch norms use batch statistics.</param>
/// <param name="image">The input, <c>[N, C, (D,) H, W]</c>.</param>
/// <param name="position">The patch positions <c>[N, 3]</c>, or null.</param>
internal sealed class ForwardContext(ScalarType type, bool training, Tensor image, Tensor? position)
    : IDisposable
{
    private readonly Dictionary<int, Tensor> indices = [];
    private readonly Dictionary<nn.Module, Tensor> draws = [];

    /// <summary>The input, <c>[N, C, (D,) H, W]</c>.</summary>
    public Tensor Image { get; } = image;

    /// <summary>The patch positions <c>[N, 3]</c>, or null.</summary>
    public Tensor? Position { get; } = position;

    /// <summary>The element type of feature maps.</summary>
    public ScalarType Type { get; } = type;

    /// <summary>Whether dropout is on and batch norms use batch statistics.</summary>
    public bool Training { get; } = training;

    /// <summary>Whether a checkpointed segment is being recomputed, which must not update running statistics again.</summary>
    public bool IsRepeated { get; set; }

    /// <summary>Where updates of running statistics go; null for the statistics themselves.</summary>
    public PartStatistics? Statistics { get; init; }

    /// <summary>Whom the backward pass tells of complete gradients; null for nobody.</summary>
    public GradientWatch? Watch { get; init; }

    /// <summary>A layer's random tensor: drawn once, then reused when the layer is recomputed.</summary>
    public Tensor Draw(nn.Module layer, Func<Tensor> draw)
    {
        if (!draws.TryGetValue(layer, out var drawn))
            draws[layer] = drawn = draw().DetachFromDisposeScope();
        return drawn;
    }

    /// <summary>A weight cast to the feature maps' type; null stays null.</summary>
    /// <returns>A handle of its own.</returns>
    public Tensor? Cast(Tensor? weight) => weight is null ? null : Cast(weight, Type);

    /// <summary>Keeps a max pooling's indices until the pass ends.</summary>
    public void Keep(int pool, Tensor poolIndices)
    {
        if (indices.TryGetValue(pool, out var before))
            before.Dispose();
        indices[pool] = poolIndices.DetachFromDisposeScope();
    }

    /// <summary>The kept indices of a max pooling.</summary>
    public Tensor Indices(int pool) => indices[pool];

    /// <summary>Frees kept indices and random tensors.</summary>
    public void Dispose()
    {
        foreach (var kept in indices.Values.Concat(draws.Values))
            kept.Dispose();
    }

    /// <summary>A tensor cast to a type; always a new handle.</summary>
    public static Tensor Cast(Tensor tensor, ScalarType type) =>
        tensor.dtype == type ? tensor.alias() : tensor.to(type);
}
