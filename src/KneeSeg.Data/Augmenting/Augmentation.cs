namespace KneeSeg.Data;

/// <summary>
/// Random changes of patches in training: what scanners, knees and positions differ by. Image and labels move together;
/// labels take the nearest voxel's, and no change of brightness touches them. A pure function of the patch's random
/// numbers. Mirroring is the dataset's <see cref="FlipAugmentation"/>, not one of these.
/// </summary>
public sealed record Augmentation
{
    /// <summary>Nothing changes.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Brightness alone, for short trainings.</summary>
    public static Augmentation Light { get; } =
        new()
        {
            Shift = new(.2, 1),
            Contrast = new(.15, 1),
            Gamma = new(.2, .5),
            Noise = new(.1, .5),
        };

    /// <summary>All kinds, as often as nnU-Net has them (Isensee et al. 2021), gentler where cartilage is thin.</summary>
    public static Augmentation Default { get; } =
        new()
        {
            Rotation = new(15, .3),
            Scaling = new(.2, .3),
            Elastic = new(3, .1),
            Shift = new(.2, .5),
            Contrast = new(.25, .5),
            Gamma = new(.3, .3),
            Noise = new(.15, .2),
            Blur = new(1, .15),
            LowResolution = new(1, .15),
            Bias = new(.3, .2),
            CutOut = new(.25, .05),
        };

    /// <summary>
    /// The set of the published knee project, which mirrored and turned knees as no knee lies. There brightness changed
    /// labels too, which is left out; mirroring is left to the dataset, and sizes change along all axes, not two.
    /// </summary>
    public static Augmentation Published { get; } =
        new()
        {
            QuarterTurns = new(2, 1),
            Scaling = new(.04, 1),
            Shift = new(.1, .25, MagnitudeDistribution.HalfNormal),
            Contrast = new(.1, .25),
            Gamma = new(.1, .25),
            Gain = new(.05, .25),
        };

    /// <summary>The sets that have a name, as recipes write it.</summary>
    public static IReadOnlyDictionary<string, Augmentation> Named { get; } =
        new Dictionary<string, Augmentation>
        {
            ["none"] = None,
            ["light"] = Light,
            ["default"] = Default,
            ["published"] = Published,
        };

    /// <summary>Degrees about each axis; in the slices' plane alone where a patch has few of them.</summary>
    public RandomTransform Rotation { get; init; }

    /// <summary>Quarter turns in the slices' plane: from none to so many, each number as often.</summary>
    public RandomTransform QuarterTurns { get; init; }

    /// <summary>By how much of its size a knee grows or shrinks: 0.2 is up to 1.2 times, or 1/1.2.</summary>
    public RandomTransform Scaling { get; init; }

    /// <summary>How far tissue moves in smooth waves of 30 mm and more, in mm.</summary>
    public RandomTransform Elastic { get; init; }

    /// <summary>What is added to brightness, in deviations of the image.</summary>
    public RandomTransform Shift { get; init; }

    /// <summary>Differences from the image's mean grow by up to this share, or shrink.</summary>
    public RandomTransform Contrast { get; init; }

    /// <summary>Brightness above the darkest grows by up to this share, or shrinks.</summary>
    public RandomTransform Gain { get; init; }

    /// <summary>Darks and lights are bent by an exponent of 1 ± up to this.</summary>
    public RandomTransform Gamma { get; init; }

    /// <summary>The deviation of added noise, in deviations of the image.</summary>
    public RandomTransform Noise { get; init; }

    /// <summary>The width of a Gaussian blur, in voxels.</summary>
    public RandomTransform Blur { get; init; }

    /// <summary>How much coarser voxels were before they were interpolated: 1 is up to twice as coarse.</summary>
    public RandomTransform LowResolution { get; init; }

    /// <summary>The exponent of a coil's smooth shading.</summary>
    public RandomTransform Bias { get; init; }

    /// <summary>The side of a box that loses its contrast, as a share of the patch's.</summary>
    public RandomTransform CutOut { get; init; }

    /// <summary>Whether patches ever move.</summary>
    internal bool IsSpatial =>
        Rotation.Probability + QuarterTurns.Probability + Scaling.Probability + Elastic.Probability
        > 0;
}
