using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Layers;

/// <summary>
/// Initializes the weights of one layer. Each is drawn from its own random stream, keyed by seed and stage, so it does not
/// depend on the rest of the network or the order of construction.
/// </summary>
/// <param name="stage">The stage that the weights belong to.</param>
/// <param name="seed">The network's seed; null leaves weights uninitialized, to be loaded.</param>
/// <param name="device">Where they live.</param>
internal sealed class WeightInitialization(string stage, long? seed, Device device)
{
    /// <summary>
    /// Kaiming normal initialization: variance 2 / fan-in (He et al. 2015, "Delving Deep into Rectifiers"), channels last.
    /// </summary>
    /// <param name="fanIn">The number of inputs of each output.</param>
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

    /// <summary>Normal initialization, as transformers have it for what is no kernel.</summary>
    public Parameter Normal(double deviation, params long[] shape)
    {
        using var scope = NewDisposeScope();
        if (seed is null)
            return Owned(empty(shape, device: device));
        using var stream = new Generator(Stream());
        return Owned((randn(shape, generator: stream) * deviation).to(device));
    }

    /// <summary>A constant weight.</summary>
    public Parameter Filled(double value, long length)
    {
        using var scope = NewDisposeScope();
        return Owned(full([length], value, device: device));
    }

    /// <summary>Given values, channels last.</summary>
    public static Parameter Given(Tensor values)
    {
        using var scope = NewDisposeScope();
        return Owned(ChannelsLast.Of(values.alias()));
    }

    /// <summary>A buffer: stored with the weights but not learned.</summary>
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
