using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Runs;

/// <summary>Training hyperparameters: plain data, stored with every run.</summary>
public sealed record Recipe
{
    /// <summary>The number of epochs.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Optimizer steps per epoch.</summary>
    public int StepsPerEpoch { get; init; } = 100;

    /// <summary>Optimizer steps over all epochs.</summary>
    public long Steps => (long)Epochs * StepsPerEpoch;

    /// <summary>Patches per optimizer step.</summary>
    public int BatchSize { get; init; } = 2;

    /// <summary>The patch size; null chooses one that fits network and images.</summary>
    public PatchSize? Patch { get; init; }

    /// <summary>
    /// The neighboring slices that a 2D network gets as channels (2.5D), an odd number: 1 is the slice alone.
    /// </summary>
    public int Slices { get; init; } = 1;

    /// <summary>The spacing that images are resampled to; null takes the training set's median.</summary>
    public ModelSpacing? Spacing { get; init; }

    /// <summary>How images are resampled.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Linear;

    /// <summary>How labels are resampled.</summary>
    public LabelInterpolation LabelInterpolation { get; init; } = LabelInterpolation.Nearest;

    /// <summary>How overlapping channels of one label file are resolved.</summary>
    public OverlapRule Overlaps { get; init; } = OverlapRule.Lowest;

    /// <summary>Intensity normalization, by channel where they differ.</summary>
    public IntensityRules Intensity { get; init; } = NormalizationMethod.Percentiles;

    /// <summary>The size of the center crop, in mm; null crops nothing.</summary>
    public ModelSpacing? CenterCrop { get; init; }

    /// <summary>The standard deviation of Gaussian noise added to training images, in units of the image's standard deviation.</summary>
    public double InputNoise { get; init; }

    /// <summary>The loss.</summary>
    public LossKind Loss { get; init; } = LossKind.DiceCe;

    /// <summary>Losses and weights of the network's named outputs; null leaves all at the defaults of their targets.</summary>
    public OutputLosses? Outputs { get; init; }

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>The peak learning rate.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>The learning rate schedule.</summary>
    public Schedule Schedule { get; init; } = Schedule.Cosine;

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

    /// <summary>Positions of the other patches.</summary>
    public CropDistribution Sampling { get; init; } = CropDistribution.Uniform;

    /// <summary>Whether a patch without foreground is drawn again, at most twice.</summary>
    public bool ResampleEmpty { get; init; }

    /// <summary>Flip augmentation: whether half of the patches are mirrored, if the dataset allows it.</summary>
    public bool Mirror { get; init; } = true;

    /// <summary>The augmentation.</summary>
    public AugmentationPreset Augmentation { get; init; } = AugmentationPreset.Default;

    /// <summary>
    /// The fraction of training patches whose image is synthesized from the labels with a random contrast (SynthSeg).
    /// </summary>
    public double Synthetic { get; init; }

    /// <summary>Whether all structures are merged into one foreground class.</summary>
    public bool Binary { get; init; }

    /// <summary>Epochs from one validation to the next; the last epoch is always validated.</summary>
    public int ValidateEvery { get; init; } = 5;

    /// <summary>
    /// The share of the training time that a validation may take, by the voxels that pass through the network. Where all of every
    /// case would take more, some windows of each case estimate Dice, and the best weights are validated on all when training ends.
    /// 1 always predicts all of every case.
    /// </summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>The random seed.</summary>
    public long Seed { get; init; } = 1;
}

/// <summary>The named recipes.</summary>
public static class Recipes
{
    // Common to both published comparisons: one patch per step about the center, Dice loss of one class, Adam with step
    // decay, intensity scaled by a constant.
    private static readonly Recipe Published = new()
    {
        StepsPerEpoch = 120,
        BatchSize = 1,
        Intensity = NormalizationMethod.Constant,
        InputNoise = 1e-4,
        Loss = LossKind.PooledDice,
        Optimizer = OptimizerKind.Adam,
        LearningRate = 5e-4,
        Schedule = Schedule.StepDrop,
        Warmup = 0,
        MinLearningRate = 1e-7,
        WeightDecay = 0,
        GradientClip = 1e6,
        EmaDecay = 0,
        ForegroundFraction = 0,
        Sampling = CropDistribution.Normal,
        ResampleEmpty = true,
        Mirror = false,
        Augmentation = AugmentationPreset.None,
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
