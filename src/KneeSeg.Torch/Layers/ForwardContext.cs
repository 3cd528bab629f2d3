using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>What holds for one run of a network through all its nodes.</summary>
/// <param name="type">The type of every map.</param>
/// <param name="training">Whether units drop out and batches are normalized by their own statistics.</param>
/// <param name="image">What the network looks at.</param>
/// <param name="position">Where it lay; null where that is not known.</param>
internal sealed class ForwardContext(ScalarType type, bool training, Tensor image, Tensor? position)
    : IDisposable
{
    private readonly Dictionary<int, Tensor> places = [];
    private readonly Dictionary<NetworkModule, Tensor> draws = [];

    /// <summary>What the network looks at.</summary>
    public Tensor Image { get; } = image;

    /// <summary>Where it lay; null where that is not known.</summary>
    public Tensor? Position { get; } = position;

    /// <summary>The type of every map.</summary>
    public ScalarType Type { get; } = type;

    /// <summary>Whether units drop out and batches are normalized by their own statistics.</summary>
    public bool Training { get; } = training;

    /// <summary>Whether nodes are gone through for the second time, which must change nothing that lasts.</summary>
    public bool IsRepeated { get; set; }

    /// <summary>What a layer draws at random: the first time it is drawn, and then the same again.</summary>
    public Tensor Draw(NetworkModule layer, Func<Tensor> draw)
    {
        if (!draws.TryGetValue(layer, out var drawn))
            draws[layer] = drawn = draw().DetachFromDisposeScope();
        return drawn;
    }

    /// <summary>A weight in the type of the maps; null stays null.</summary>
    /// <returns>A handle of its own.</returns>
    public Tensor? Cast(Tensor? weight) => weight is null ? null : Cast(weight, Type);

    /// <summary>Keeps the places of a pooling's largest voxels until the pass ends.</summary>
    public void Keep(int pool, Tensor indices)
    {
        if (places.TryGetValue(pool, out var before))
            before.Dispose();
        places[pool] = indices.DetachFromDisposeScope();
    }

    /// <summary>The places that a pooling kept.</summary>
    public Tensor Places(int pool) => places[pool];

    /// <summary>Frees what the pass kept.</summary>
    public void Dispose()
    {
        foreach (var kept in places.Values.Concat(draws.Values))
            kept.Dispose();
    }

    /// <summary>A tensor in another type, by a handle of its own.</summary>
    public static Tensor Cast(Tensor tensor, ScalarType type) =>
        tensor.dtype == type ? tensor.alias() : tensor.to(type);
}
