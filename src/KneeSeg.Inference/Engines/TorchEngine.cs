using KneeSeg.Dsl;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
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
    public IDisposable? Predicting() => new Mode(network);

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    /// <summary>Prediction, until disposed. Blocks of memory are kept from window to window only.</summary>
    private sealed class Mode : IDisposable
    {
        private readonly TorchNetwork network;
        private readonly bool wasTraining;

        public Mode(TorchNetwork network)
        {
            (this.network, wasTraining) = (network, network.training);
            network.eval();
            BlockPool.Clear();
        }

        public void Dispose()
        {
            if (wasTraining)
                network.train();
            BlockPool.Clear();
        }
    }
}
