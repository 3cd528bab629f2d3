using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Inference;

namespace KneeSeg.Experiments.Planning;

/// <summary>A network for patches of a size.</summary>
/// <param name="Choice">Which member of the family.</param>
/// <param name="Plan">The network in numbers.</param>
/// <param name="Graph">The network.</param>
/// <param name="Spacing">Of its voxels, in mm along depth, height and width.</param>
/// <param name="Patch">The patch size.</param>
/// <param name="Coverage">The share of the median image that a patch shows along each axis.</param>
/// <param name="Parameters">What it learns.</param>
/// <param name="Usual">Predicting the median image.</param>
/// <param name="Largest">Predicting the largest image.</param>
internal sealed record PlannedNetwork(
    UNetChoice Choice,
    UNetPlan Plan,
    Graph Graph,
    double[] Spacing,
    int[] Patch,
    double[] Coverage,
    long Parameters,
    PredictionEstimate Usual,
    PredictionEstimate Largest
);

/// <summary>A network with a batch size, and what training it takes.</summary>
/// <param name="Network">The network and its patch.</param>
/// <param name="Batch">Patches of a step.</param>
/// <param name="Memory">Peak memory of training in bytes.</param>
/// <param name="PredictMemory">Peak memory of predicting the largest image in bytes.</param>
/// <param name="StepSeconds">Seconds of a step.</param>
/// <param name="ValidationSeconds">Seconds of a validation.</param>
/// <param name="Schedule">Steps and validations.</param>
/// <param name="Expected">What it is expected to lose.</param>
internal sealed record Candidate(
    PlannedNetwork Network,
    int Batch,
    long Memory,
    long PredictMemory,
    double StepSeconds,
    double ValidationSeconds,
    TrainingSchedule Schedule,
    Expectation Expected
)
{
    /// <inheritdoc cref="PlannedNetwork.Choice"/>
    public UNetChoice Choice => Network.Choice;

    /// <inheritdoc cref="PlannedNetwork.Plan"/>
    public UNetPlan Plan => Network.Plan;

    /// <inheritdoc cref="PlannedNetwork.Graph"/>
    public Graph Graph => Network.Graph;

    /// <inheritdoc cref="PlannedNetwork.Spacing"/>
    public double[] Spacing => Network.Spacing;

    /// <inheritdoc cref="PlannedNetwork.Patch"/>
    public int[] Patch => Network.Patch;

    /// <summary>The patch as a recipe has it.</summary>
    public PatchSize PatchSize => new(Patch[0], Patch[1], Patch[2]);

    /// <summary>Seconds of the whole training.</summary>
    public double Seconds =>
        Schedule.Steps * StepSeconds + Schedule.Validations * ValidationSeconds;
}

/// <summary>How long a training is, and when it validates.</summary>
/// <param name="Epochs">How many epochs.</param>
/// <param name="StepsPerEpoch">Steps of an epoch.</param>
/// <param name="ValidateEvery">Epochs from validation to validation.</param>
internal sealed record TrainingSchedule(int Epochs, int StepsPerEpoch, int ValidateEvery)
{
    // Of training time, for validation.
    private const double ValidationShare = 0.1;

    private const int MostValidations = 10;

    private const int UsualSteps = 100;

    /// <summary>Steps of all epochs.</summary>
    public long Steps => (long)Epochs * StepsPerEpoch;

    /// <summary>How many validations there are.</summary>
    public int Validations => (Epochs + ValidateEvery - 1) / ValidateEvery;

    /// <summary>As many steps as fit into a time, with ten validations if they take a tenth of it, else with fewer.</summary>
    /// <param name="seconds">The time.</param>
    /// <param name="step">Seconds of a step.</param>
    /// <param name="validation">Seconds of a validation.</param>
    public static TrainingSchedule Within(double seconds, double step, double validation)
    {
        var validations = (int)
            Math.Clamp(ValidationShare * seconds / Math.Max(1e-9, validation), 1, MostValidations);
        var steps = (int)
            Math.Clamp((seconds - validations * validation) / step, 1, int.MaxValue / 2);
        // At least ten epochs, whose ends are checkpoints.
        var perEpoch = Math.Clamp(steps / 10, 1, UsualSteps);
        var epochs = Math.Max(1, steps / perEpoch);
        return new(epochs, perEpoch, Math.Max(1, (epochs + validations - 1) / validations));
    }
}
