using KneeSeg.Runs;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Training;

/// <summary>What to train on what.</summary>
/// <param name="Spec">A zoo name with variants, or a network's canonical JSON.</param>
/// <param name="Data">A dataset's folder or manifest.</param>
/// <param name="Run">The run folder; one that holds the same run goes on.</param>
/// <param name="Recipe">How to train.</param>
/// <param name="Precision">What forward passes compute in; weights and sums stay float32.</param>
/// <param name="Device">Where.</param>
public sealed record TrainingRequest(
    string Spec,
    string Data,
    string Run,
    Recipe Recipe,
    Precision Precision,
    Device Device
);
