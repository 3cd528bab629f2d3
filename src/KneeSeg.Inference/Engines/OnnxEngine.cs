using KneeSeg.Dsl;
using KneeSeg.Onnx;
using static TorchSharp.torch;

namespace KneeSeg.Inference.Engines;

/// <summary>ONNX Runtime. Images and outputs are on the CPU; the network may run on a graphics card.</summary>
/// <param name="network">The model.</param>
/// <param name="graph">What it computes.</param>
internal sealed class OnnxEngine(OnnxNetwork network, Graph graph) : IEngine
{
    /// <inheritdoc/>
    public Graph Graph => graph;

    /// <inheritdoc/>
    public Device Device => CPU;

    /// <inheritdoc/>
    public string Precision => "fp32";

    /// <inheritdoc/>
    public int ElementBytes => sizeof(float);

    /// <inheritdoc/>
    public bool Has(NamedOutput output) => network.Outputs.Contains(OnnxModel.NameOf(output));

    /// <inheritdoc/>
    public Tensor[] Forward(Tensor image, Tensor position, IReadOnlyList<NamedOutput> outputs)
    {
        var results = network.Run(
            image.contiguous().data<float>().ToArray(),
            image.shape,
            position.data<float>().ToArray(),
            [OnnxModel.Logits, .. outputs.Select(OnnxModel.NameOf)]
        );
        return [.. results.Select(result => tensor(result.Values, result.Shape))];
    }

    /// <inheritdoc/>
    public IDisposable? Predicting() => null;

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();
}
