using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Inference.Engines;

/// <summary>What computes the windows of a prediction: a network with its weights.</summary>
internal interface IEngine : IDisposable
{
    /// <summary>What it computes.</summary>
    Graph Graph { get; }

    /// <summary>Where it takes images.</summary>
    Device Device { get; }

    /// <summary>The precision: fp32 or bf16.</summary>
    string Precision { get; }

    /// <summary>Bytes per feature map element.</summary>
    int ElementBytes { get; }

    /// <summary>Whether it computes a named output of the graph.</summary>
    bool Has(NamedOutput output);

    /// <summary>The logits of a batch and some named outputs.</summary>
    /// <param name="image"><c>[N, C, (D,) H, W]</c>, on <see cref="Device"/>.</param>
    /// <param name="position">The positions of the windows, <c>[N, 3]</c> in -1 to 1.</param>
    /// <param name="outputs">Of the graph's.</param>
    /// <returns>The logits, then each output <c>[N, C, …]</c> in its own size; all float32.</returns>
    Tensor[] Forward(Tensor image, Tensor position, IReadOnlyList<NamedOutput> outputs);

    /// <summary>Prepares a network that may be in training for prediction, until disposed.</summary>
    IDisposable? Predicting();
}
