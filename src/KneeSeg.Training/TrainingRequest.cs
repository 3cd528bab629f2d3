using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>What to train on what.</summary>
/// <param name="Spec">The network.</param>
/// <param name="Data">A dataset's folder or manifest.</param>
/// <param name="Run">The run folder; one that holds the same run goes on.</param>
/// <param name="Recipe">How to train.</param>
/// <param name="Precision">What forward passes compute in; weights and sums stay float32.</param>
/// <param name="Device">Where.</param>
public sealed record TrainingRequest(
    NetworkSpec Spec,
    string Data,
    string Run,
    Recipe Recipe,
    Precision Precision,
    Device Device
)
{
    /// <summary>Another run's folder, whose weights a new run begins with where they fit; null begins with fresh ones.</summary>
    public string? InitFrom { get; init; }

    /// <summary>Which part of the training and validation cases validates; null takes the dataset's own split.</summary>
    public CrossValidationFold? Fold { get; init; }

    /// <summary>Bytes that a step may take at the most; null takes what is free.</summary>
    public long? Memory { get; init; }

    /// <summary>How this starts the run.</summary>
    internal RunStart Start() =>
        new(
            Path.GetFullPath(Data),
            Autocast.Resolve(Precision, Device).ToString().ToLowerInvariant(),
            Device.type == DeviceType.CPU ? "cpu" : "cuda",
            get_num_threads()
        );
}
