using KneeSeg.Dsl;
using TorchSharp.Modules;

namespace KneeSeg.Torch.Layers;

/// <summary>A normalization's optional learned factor (gamma, initially 1) and offset (beta, initially 0).</summary>
internal abstract class Normalization : NetworkModule
{
    private readonly Parameter? weight;
    private readonly Parameter? bias;

    protected Normalization(NormOp op, WeightInitialization weights)
    {
        Op = op;
        if (op.Gamma)
            register_parameter(nameof(weight), weight = weights.Filled(1, op.Channels));
        if (op.Beta)
            register_parameter(nameof(bias), bias = weights.Filled(0, op.Channels));
    }

    protected NormOp Op { get; }

    protected Parameter? Gamma => weight;

    protected Parameter? Beta => bias;
}
