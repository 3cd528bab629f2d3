using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>Channel dropout: zeroes whole channels at a rate and rescales the others; in training only.</summary>
internal sealed class Dropout(double rate) : NetworkModule
{
    public override Tensor Run(IReadOnlyList<Tensor> arguments, ForwardContext pass)
    {
        var map = arguments[0];
        if (!pass.Training || rate == 0)
            return map.alias();
        using var scope = NewDisposeScope();
        var kept = ForwardContext.Cast(pass.Draw(this, () => Kept(map)), pass.Type);
        return (map * (kept / (1 - rate))).MoveToOuterDisposeScope();
    }

    // Drawn in float32, so that a seed drops the same channels in every precision.
    private Tensor Kept(Tensor map)
    {
        long[] channels = [.. map.shape[..2], .. Enumerable.Repeat(1L, (int)map.dim() - 2)];
        return rand(channels, device: map.device) >= rate;
    }
}
