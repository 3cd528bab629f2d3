using KneeSeg.Dsl;
using TorchSharp.Modules;

namespace KneeSeg.Torch;

/// <summary>A normalization's learned factor (gamma, from 1) and offset (beta, from 0), where it has them.</summary>
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
