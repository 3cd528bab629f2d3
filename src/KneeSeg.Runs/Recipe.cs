using System.Text.Json.Serialization;

namespace KneeSeg.Runs;

/// <summary>How a network is trained: plain data, stored with every run.</summary>
public sealed record Recipe
{
    /// <summary>How often the steps of an epoch are gone through.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Optimizer steps of an epoch.</summary>
    public int StepsPerEpoch { get; init; } = 100;

    /// <summary>Optimizer steps of all epochs.</summary>
    [JsonIgnore]
    public long Steps => (long)Epochs * StepsPerEpoch;

    /// <summary>Patches of a step.</summary>
    public int BatchSize { get; init; } = 2;

    /// <summary>The patch in voxels, DxHxW or HxW; empty chooses one that fits network and knees.</summary>
    public string Patch { get; init; } = "";

    /// <summary>The spacing that images are brought to, in mm, DxHxW; empty takes the training set's median.</summary>
    public string Spacing { get; init; } = "";

    /// <summary>How images are resampled: linear or cubic.</summary>
    public string Interpolation { get; init; } = "linear";

    /// <summary>How labels are resampled: nearest or linear.</summary>
    public string LabelInterpolation { get; init; } = "nearest";

    /// <summary>What is done where channels of one label file overlap: lowest takes the lowest, or refused.</summary>
    public string Overlaps { get; init; } = "lowest";

    /// <summary>How brightness is brought to one scale: percentiles, zScore, or constant as in the published tables.</summary>
    public string Intensity { get; init; } = "percentiles";

    /// <summary>The middle of images that is kept, in mm, DxHxW; empty keeps all.</summary>
    public string CenterCrop { get; init; } = "";

    /// <summary>The deviation of noise on images in training, in deviations of the image.</summary>
    public double InputNoise { get; init; }

    /// <summary>The loss, such as dice-ce.</summary>
    public string Loss { get; init; } = "dice-ce";

    /// <summary>The optimizer: adamW, adam, rmsProp or sgd.</summary>
    public string Optimizer { get; init; } = "adamW";

    /// <summary>The highest learning rate.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>How it goes on: cosine, polynomial, stepDrop, epochDecay, plateau or constant.</summary>
    public string Schedule { get; init; } = "cosine";

    /// <summary>Steps until the learning rate is at its highest.</summary>
    public int Warmup { get; init; } = 20;

    /// <summary>The factor of each drop of the learning rate, in schedules that drop.</summary>
    public double DecayFactor { get; init; } = 0.9;

    /// <summary>Epochs from drop to drop, or validations without progress before one.</summary>
    public int DecayEvery { get; init; } = 3;

    /// <summary>The learning rate goes no lower.</summary>
    public double MinLearningRate { get; init; }

    /// <summary>The momentum of rmsProp and sgd.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>How much weights shrink.</summary>
    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>The largest norm of a step's gradient.</summary>
    public double GradientClip { get; init; } = 5;

    /// <summary>
    /// How slowly averaged weights follow, which validate and predict: each step keeps this share of what they were. 0
    /// averages nothing.
    /// </summary>
    public double EmaDecay { get; init; } = 0.999;

    /// <summary>In how many parts a step's patches are gone through, one after the other, which saves memory.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>The share of patches that are centered on a structure, each as often as the other.</summary>
    public double ForegroundFraction { get; init; } = 0.67;

    /// <summary>Where other patches start: uniform, normal about the middle, or centered.</summary>
    public string Sampling { get; init; } = "uniform";

    /// <summary>Whether a patch without any structure is drawn again, twice at most.</summary>
    public bool ResampleEmpty { get; init; }

    /// <summary>Whether half of the patches are mirrored, where the dataset says that anatomy allows it.</summary>
    public bool Mirror { get; init; } = true;

    /// <summary>The set of random changes of patches: none, light, default or published.</summary>
    public string Augmentation { get; init; } = "default";

    /// <summary>Whether all structures are one, so that a network tells tissue from background.</summary>
    public bool Binary { get; init; }

    /// <summary>Epochs from one validation to the next; the last epoch is always validated.</summary>
    public int ValidateEvery { get; init; } = 5;

    /// <summary>What every random choice follows from.</summary>
    public long Seed { get; init; } = 1;
}
