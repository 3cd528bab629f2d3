using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>What holds for one run of a network through all its nodes.</summary>
/// <param name="type">The type of every map.</param>
/// <param name="training">Whether units drop out and batches are normalised by their own statistics.</param>
internal sealed class Pass(ScalarType type, bool training) : IDisposable
{
    private readonly Dictionary<int, Tensor> places = [];

    /// <summary>The type of every map.</summary>
    public ScalarType Type { get; } = type;

    /// <summary>Whether units drop out and batches are normalised by their own statistics.</summary>
    public bool Training { get; } = training;

    /// <summary>A weight in the type of the maps; null stays null.</summary>
    /// <returns>A handle of its own.</returns>
    public Tensor? Cast(Tensor? weight) => weight is null ? null : Cast(weight, Type);

    /// <summary>Keeps the places of a pooling's largest voxels until the pass ends.</summary>
    public void Keep(int pool, Tensor indices) => places[pool] = indices;

    /// <summary>The places that a pooling kept.</summary>
    public Tensor Places(int pool) => places[pool];

    /// <summary>Frees what the pass kept.</summary>
    public void Dispose()
    {
        foreach (var indices in places.Values)
            indices.Dispose();
    }

    /// <summary>A tensor in another type, by a handle of its own.</summary>
    public static Tensor Cast(Tensor tensor, ScalarType type) =>
        tensor.dtype == type ? tensor.alias() : tensor.to(type);
}
