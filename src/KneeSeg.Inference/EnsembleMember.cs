using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Inference.Engines;
using KneeSeg.Inference.Tiling;
using KneeSeg.Onnx;
using KneeSeg.Runs;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>A network of an ensemble (of one or more), ready to predict.</summary>
/// <param name="Run">The run's manifest.</param>
/// <param name="Engine">The network, with what computes it.</param>
/// <param name="Patch">The model input.</param>
/// <param name="Hash">SHA-256 of the file of the weights.</param>
internal sealed record EnsembleMember(
    RunManifest Run,
    IEngine Engine,
    ModelInput Patch,
    string Hash
) : IDisposable
{
    /// <summary>The preprocessing.</summary>
    public Preprocessor Preprocessor => Run.Preprocessing;

    /// <summary>The names of the channels that it takes; empty for one without a name.</summary>
    public IReadOnlyList<string> Channels { get; } = Run.Channels ?? [];

    /// <summary>The label map.</summary>
    public LabelSchema Profile { get; } = Run.Schema;

    /// <summary>Whether its windows give logits instead of probabilities.</summary>
    public bool AveragesLogits => Patch.Averaged == WindowAverage.Logits;

    /// <summary>Flip augmentation of its dataset; null in runs of older versions.</summary>
    public FlipAugmentation? Mirror => Run.Mirror;

    /// <summary>
    /// Statistics of its training images; only the spacing in runs of older versions. Null for nnU-Net's networks, whose axes can
    /// be any directions.
    /// </summary>
    public TrainingImageStatistics? Images { get; } =
        Run.Images
        ?? (Run.Preprocessing.Nnunet is null ? new(Run.Preprocessing.Spacing, []) : null);

    /// <summary>Opens a run or an exported model.</summary>
    /// <param name="path">A run folder, or an ONNX model.</param>
    /// <param name="mode">What computes the network of a run.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="device">The device.</param>
    /// <param name="progress">Receives a warning if a corrupt checkpoint is skipped.</param>
    /// <exception cref="ProblemException">
    /// See <see cref="TrainedNetwork.Open"/> and <see cref="ExportedModel.Read"/>; ONNX Runtime can't use the device (exit 6),
    /// or was asked for bf16 (exit 2).
    /// </exception>
    public static EnsembleMember Open(
        string path,
        PredictionMode mode,
        Precision precision,
        Device device,
        IProgressSink progress
    )
    {
        if (ExportedModel.Is(path))
        {
            var model = ExportedModel.Read(path);
            return OnOnnxRuntime(model.Run, model.Bytes, model.Run.Elaborate(path), model.Hash);
        }
        if (mode.Engine == Engines.Engine.Torch)
        {
            var (run, network, patch, hash) = TrainedNetwork.Open(
                path,
                device,
                progress,
                kernels: mode.Kernels
            );
            return new(run, new TorchEngine(network, precision, device), patch, hash);
        }
        using var trained = TrainedNetwork.Open(path, CPU, progress);
        var (own, size) = (trained.Network.Graph, trained.Patch.Lengths);
        return OnOnnxRuntime(
            trained.Run,
            OnnxModel.Of(trained.Network, size, WeightType.Float32, own.NamedOutputs, []),
            own,
            trained.Hash
        );

        EnsembleMember OnOnnxRuntime(RunManifest run, byte[] model, Graph graph, string hash) =>
            precision == Precision.Bf16
                ? throw new ProblemException(
                    ExitCode.Usage,
                    "--precision bf16",
                    "ONNX Runtime computes in float32",
                    "Omit --precision, or predict from the run with --engine torch"
                )
                : new(
                    run,
                    new OnnxEngine(
                        new OnnxNetwork(
                            model,
                            path,
                            get_num_threads(),
                            device.type == TorchSharp.DeviceType.CUDA
                        ),
                        graph
                    ),
                    ModelInput.Of(graph, run),
                    hash
                );
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Engine.Dispose();
}
