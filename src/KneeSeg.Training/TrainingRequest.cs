using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Training.Parallel;
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

    /// <summary>
    /// The epoch after which training stops for now, with the schedule of all epochs; null for the recipe's last. A later request
    /// goes on from there.
    /// </summary>
    public int? Until { get; init; }

    /// <summary>What computes narrow layers.</summary>
    public KernelChoice Kernels { get; init; }

    /// <summary>The processes that train together, of which this is one. Each has one of the recipe's accumulation steps.</summary>
    public Ranks Ranks { get; init; } = Ranks.Alone;

    /// <summary>The request as several ranks train it: as many accumulation steps as there are ranks.</summary>
    /// <exception cref="ProblemException">The recipe has another number, or its batch is no multiple of it (exit 2).</exception>
    internal TrainingRequest OnRanks()
    {
        var count = Ranks.Count;
        if (count == 1)
            return this;
        if (Recipe.AccumulationSteps != 1 && Recipe.AccumulationSteps != count)
            throw new ProblemException(
                ExitCode.Usage,
                $"accumulationSteps={Recipe.AccumulationSteps}",
                $"there are {count} ranks, and each computes one part of a batch",
                $"Start {Recipe.AccumulationSteps} ranks, or leave out accumulationSteps"
            );
        if (Recipe.BatchSize % count != 0)
            throw new ProblemException(
                ExitCode.Usage,
                $"batchSize={Recipe.BatchSize}",
                $"{count} ranks can't share a batch of {Recipe.BatchSize}: each computes as many patches as the others",
                $"Pass --set batchSize={(Recipe.BatchSize / count + 1) * count}, or start a number of ranks that divides it"
            );
        return this with { Recipe = Recipe with { AccumulationSteps = count } };
    }

    /// <summary>The settings of this start.</summary>
    internal RunStart Start() =>
        new(
            Path.GetFullPath(Data),
            Autocast.Resolve(Precision, Device).ToString().ToLowerInvariant(),
            Device.type == DeviceType.CPU ? "cpu" : "cuda",
            get_num_threads()
        )
        {
            Kernels = Kernels.ToString().ToLowerInvariant(),
            FurtherData = FurtherData is [] ? null : [.. FurtherData.Select(Path.GetFullPath)],
        };
}
