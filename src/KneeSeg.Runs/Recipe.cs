using System.Text.Json.Serialization;

namespace KneeSeg.Runs;

/// <summary>Training hyperparameters: plain data, stored with every run.</summary>
public sealed record Recipe
{
    /// <summary>The number of epochs.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Optimizer steps per epoch.</summary>
    public int StepsPerEpoch { get; init; } = 100;

    /// <summary>Optimizer steps over all epochs.</summary>
    [JsonIgnore]
    public long Steps => (long)Epochs * StepsPerEpoch;

    /// <summary>Patches per optimizer step.</summary>
    public int BatchSize { get; init; } = 2;

    /// <summary>The patch size in voxels, DxHxW or HxW; empty chooses one that fits network and images.</summary>
    public string Patch { get; init; } = "";

    /// <summary>The spacing that images are resampled to, in mm, DxHxW; empty takes the training set's median.</summary>
    public string Spacing { get; init; } = "";

    /// <summary>How images are resampled: linear or cubic.</summary>
    public string Interpolation { get; init; } = "linear";

    /// <summary>How labels are resampled: nearest or linear.</summary>
    public string LabelInterpolation { get; init; } = "nearest";

    /// <summary>How overlapping channels of one label file are resolved: lowest takes the lowest label, refused is an error.</summary>
    public string Overlaps { get; init; } = "lowest";

    /// <summary>Intensity normalization: percentiles, zScore, or constant as in the published tables.</summary>
    public string Intensity { get; init; } = "percentiles";

    /// <summary>The size of the center crop, in mm, DxHxW; empty crops nothing.</summary>
    public string CenterCrop { get; init; } = "";

    /// <summary>The standard deviation of Gaussian noise added to training images, in units of the image's standard deviation.</summary>
    public double InputNoise { get; init; }

    /// <summary>The loss, such as dice-ce.</summary>
    public string Loss { get; init; } = "dice-ce";

    /// <summary>The optimizer: adamW, adam, rmsProp or sgd.</summary>
    public string Optimizer { get; init; } = "adamW";

    /// <summary>The peak learning rate.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>The learning rate schedule: cosine, polynomial, stepDrop, epochDecay, plateau or constant.</summary>
    public string Schedule { get; init; } = "cosine";

    /// <summary>Linear warm-up steps.</summary>
    public int Warmup { get; init; } = 20;

    /// <summary>The factor of each learning rate decay, in schedules that decay in steps.</summary>
    public double DecayFactor { get; init; } = 0.9;

    /// <summary>Epochs between decays, or for plateau the validations without improvement before one.</summary>
    public int DecayEvery { get; init; } = 3;

    /// <summary>The lower bound of the learning rate.</summary>
    public double MinLearningRate { get; init; }

    /// <summary>The momentum of rmsProp and sgd.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>The optimizer's weight decay.</summary>
    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>The largest gradient norm; larger gradients are clipped.</summary>
    public double GradientClip { get; init; } = 5;

    /// <summary>
    /// The decay of the exponential moving average (EMA) of the weights, which is used to validate and predict. 0 turns
    /// it off.
    /// </summary>
    public double EmaDecay { get; init; } = 0.999;

    /// <summary>Gradient accumulation: the parts that a step's batch is split into, which saves memory.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>The fraction of patches centered on a foreground voxel, with every structure equally likely.</summary>
    public double ForegroundFraction { get; init; } = 0.67;

    /// <summary>Positions of the other patches: uniform, normal about the center, or centered.</summary>
    public string Sampling { get; init; } = "uniform";

    /// <summary>Whether a patch without foreground is drawn again, at most twice.</summary>
    public bool ResampleEmpty { get; init; }

    /// <summary>Flip augmentation: whether half of the patches are mirrored, if the dataset allows it.</summary>
    public bool Mirror { get; init; } = true;

    /// <summary>The augmentation preset: none, light, default or published.</summary>
    public string Augmentation { get; init; } = "default";

    /// <summary>Whether all structures are merged into one foreground class.</summary>
    public bool Binary { get; init; }

    /// <summary>Epochs from one validation to the next; the last epoch is always validated.</summary>
    public int ValidateEvery { get; init; } = 5;

    /// <summary>The random seed.</summary>
    public long Seed { get; init; } = 1;
}
