using TorchSharp.Modules;
using static KneeSeg.Torch.Layers.Padding;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// Adds a learned map, <c>[C, (D,) H, W]</c>, resized linearly where the feature map has another size.
/// </summary>
internal sealed class PositionEmbedding : NetworkModule
{
    private readonly Parameter weight;

    public PositionEmbedding(int channels, int[] size, WeightInitialization weights) =>
        register_parameter(
            nameof(weight),
            weight = weights.Normal(0.02, [channels, .. Long(size)])
        );

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var map = arguments[0];
        var embedding = Resized(weight.unsqueeze(0), map.shape[2..]);
        return (map + ChannelsLast.Of(pass.Cast(embedding)!)).MoveToOuterDisposeScope();
    }

    private static Tensor Resized(Tensor map, long[] size) =>
        map.shape[2..].SequenceEqual(size) ? map : Resizing.Linear(map, size, alignCorners: false);
}
