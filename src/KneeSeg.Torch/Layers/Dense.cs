using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>A linear layer: weights <c>[out, in]</c> and an optional bias.</summary>
internal sealed class Dense : NetworkModule
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    public Dense(int inputs, int outputs, bool hasBias, WeightInitialization weights)
    {
        register_parameter(nameof(weight), weight = weights.Drawn(inputs, outputs, inputs));
        if (hasBias)
            register_parameter(nameof(bias), bias = weights.Filled(0, outputs));
    }

    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        using var scope = NewDisposeScope();
        var vector = arguments[0].flatten(1);
        var result = nn.functional.linear(vector, pass.Cast(weight)!, pass.Cast(bias));
        long[] oneVoxel = [.. result.shape, .. Enumerable.Repeat(1L, (int)arguments[0].dim() - 2)];
        return result.reshape(oneVoxel).MoveToOuterDisposeScope();
    }
}
