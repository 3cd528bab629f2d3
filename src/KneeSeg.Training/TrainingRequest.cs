using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>A training request.</summary>
/// <param name="Spec">The network.</param>
/// <param name="Data">A dataset's folder or manifest.</param>
/// <param name="Run">The run folder; an existing run is resumed.</param>
/// <param name="Recipe">The recipe.</param>
/// <param name="Precision">The precision of feature maps; weights stay float32.</param>
/// <param name="Device">The device.</param>
public sealed record TrainingRequest(
    NetworkSpec Spec,
    string Data,
    string Run,
    Recipe Recipe,
    Precision Precision,
    Device Device
)
{
    /// <summary>Further datasets, whose cases are trained on together with those of <see cref="Data"/>.</summary>
    public IReadOnlyList<string> FurtherData { get; init; } = [];

    /// <summary>All datasets.</summary>
    public IReadOnlyList<string> AllData => [Data, .. FurtherData];

    /// <summary>Another run's folder to initialize a new run from; null for random initialization.</summary>
    public string? InitFrom { get; init; }

    /// <summary>The cross-validation fold; null for the dataset's own split.</summary>
    public CrossValidationFold? Fold { get; init; }

    /// <summary>The memory limit of a step in bytes; null for all free memory.</summary>
    public long? Memory { get; init; }

    /// <summary>The settings of this start.</summary>
    internal RunStart Start() =>
        new(
            Path.GetFullPath(Data),
            Autocast.Resolve(Precision, Device).ToString().ToLowerInvariant(),
            Device.type == DeviceType.CPU ? "cpu" : "cuda",
            get_num_threads()
        )
        {
            FurtherData = FurtherData is [] ? null : [.. FurtherData.Select(Path.GetFullPath)],
        };
}
