using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>Zeroes whole channels, or single elements, with a probability and scales the rest up; in training only.</summary>
internal sealed class Dropout(double rate, bool wholeChannels) : NetworkModule
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

    // Drawn in float32, so that a seed drops the same in every precision.
    private Tensor Kept(Tensor map)
    {
        long[] size = wholeChannels
            ? [.. map.shape[..2], .. Enumerable.Repeat(1L, (int)map.dim() - 2)]
            : map.shape;
        return rand(size, device: map.device) >= rate;
    }
}
