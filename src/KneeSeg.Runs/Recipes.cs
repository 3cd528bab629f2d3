namespace KneeSeg.Runs;

/// <summary>The named recipes.</summary>
public static class Recipes
{
    // Common to both published comparisons: one patch per step about the center, Dice loss of one class, Adam with step
    // decay, intensity scaled by a constant.
    private static readonly Recipe Published = new()
    {
        StepsPerEpoch = 120,
        BatchSize = 1,
        Intensity = "constant",
        InputNoise = 1e-4,
        Loss = "pooled-dice",
        Optimizer = "adam",
        LearningRate = 5e-4,
        Schedule = "stepDrop",
        Warmup = 0,
        MinLearningRate = 1e-7,
        WeightDecay = 0,
        GradientClip = 1e6,
        EmaDecay = 0,
        ForegroundFraction = 0,
        Sampling = "normal",
        ResampleEmpty = true,
        Mirror = false,
        Augmentation = "none",
        Binary = true,
        ValidateEvery = 1,
    };

    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, Recipe> Named { get; } =
        new Dictionary<string, Recipe>
        {
            ["default"] = new(),
            ["published-vnet"] = Published with { Epochs = 50, DecayFactor = .9, DecayEvery = 3 },
            ["published-baseline"] = Published with
            {
                Epochs = 100,
                DecayFactor = .99,
                DecayEvery = 10,
            },
        };
}
