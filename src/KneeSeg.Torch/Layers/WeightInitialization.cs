using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// Makes the weights of one layer as a network starts with them. Each is drawn from a stream of its own, named by seed
/// and stage, so it doesn't matter what else the network has or in what order it is made.
/// </summary>
/// <param name="stage">The stage that the weights belong to.</param>
/// <param name="seed">The network's seed; null leaves what is drawn as it lies in memory, to be overwritten.</param>
/// <param name="device">Where they live.</param>
internal sealed class WeightInitialization(string stage, long? seed, Device device)
{
    /// <summary>
    /// Normal with variance 2 / fan-in, which keeps the size of maps from layer to layer where halves of them are cut
    /// off by ReLU (He et al. 2015, "Delving Deep into Rectifiers"), channels last.
    /// </summary>
    /// <param name="fanIn">How many numbers each output is a sum of.</param>
    /// <param name="shape">Output channels, input channels, then the kernel.</param>
    public Parameter Drawn(double fanIn, params long[] shape)
    {
        using var scope = NewDisposeScope();
        if (seed is null)
            return Owned(ChannelsLast.Of(empty(shape, device: device)));
        using var stream = new Generator(Stream());
        var values = randn(shape, generator: stream) * Math.Sqrt(2 / fanIn);
        return Owned(ChannelsLast.Of(values.to(device)));
    }

    /// <summary>The same number everywhere.</summary>
    public Parameter Filled(double value, long length)
    {
        using var scope = NewDisposeScope();
        return Owned(full([length], value, device: device));
    }

    /// <summary>These numbers, channels last.</summary>
    public static Parameter Given(Tensor values)
    {
        using var scope = NewDisposeScope();
        return Owned(ChannelsLast.Of(values.alias()));
    }

    /// <summary>Numbers that are kept and stored but not learned.</summary>
    public Tensor Statistic(double value, long length) =>
        full([length], value, device: device).DetachFromDisposeScope();

    private static Parameter Owned(Tensor values)
    {
        var parameter = new Parameter(values.DetachFromDisposeScope());
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    private ulong Stream() =>
        BinaryPrimitives.ReadUInt64LittleEndian(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{stage}"))
        );
}
