using KneeSeg.Dsl;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Inference.Engines;

/// <summary>Libtorch.</summary>
/// <param name="network">The network, on the device.</param>
/// <param name="precision">The precision.</param>
/// <param name="device">The device.</param>
internal sealed class TorchEngine(TorchNetwork network, Precision precision, Device device)
    : IEngine
{
    /// <inheritdoc/>
    public Graph Graph => network.Graph;

    /// <inheritdoc/>
    public Device Device => device;

    /// <inheritdoc/>
    public string Precision => Autocast.Resolve(precision, device).ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public int ElementBytes => Autocast.Width(precision, device);

    /// <inheritdoc/>
    public bool Has(NamedOutput output) => true;

    /// <inheritdoc/>
    public Tensor[] Forward(Tensor image, Tensor position, IReadOnlyList<NamedOutput> outputs)
    {
        using var quiet = no_grad();
        using var computing = Autocast.Enter(precision);
        return outputs is []
            ? [network.forward(image, position)]
            : network.Forward(image, position, outputs);
    }

    /// <inheritdoc/>
    public IDisposable? Predicting()
    {
        if (!network.training)
            return null;
        network.eval();
        return new Training(network);
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private sealed class Training(TorchNetwork network) : IDisposable
    {
        public void Dispose() => network.train();
    }
}
