using KneeSeg.Data.Datasets;

namespace KneeSeg.Data.Augmenting;

/// <summary>
/// Random spatial and intensity transforms of training patches. Spatial transforms apply to image and labels together, with
/// nearest-neighbor labels; intensity transforms apply to the image only. A pure function of the patch's random numbers.
/// Mirroring is the dataset's <see cref="FlipAugmentation"/>.
/// </summary>
public sealed record Augmentation
{
    /// <summary>No augmentation.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Intensity transforms only, for short runs.</summary>
    public static Augmentation Light { get; } =
        new()
        {
            Shift = new(.2, 1),
            Contrast = new(.15, 1),
            Gamma = new(.2, .5),
            Noise = new(.1, .5),
        };

    /// <summary>All transforms, with nnU-Net's probabilities (Isensee et al. 2021) but smaller magnitudes for thin cartilage.</summary>
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
    /// The preset of the published knee project, with its anatomically implausible rotations. Departs from it: intensity
    /// transforms leave labels alone, mirroring is left to the dataset, and scaling is along all axes instead of two.
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

    /// <summary>The transforms of a preset.</summary>
    public static Augmentation Of(AugmentationPreset preset) =>
        preset switch
        {
            AugmentationPreset.None => None,
            AugmentationPreset.Light => Light,
            AugmentationPreset.Published => Published,
            _ => Default,
        };

    /// <summary>Degrees about each axis; in-plane only for patches with few slices.</summary>
    public RandomTransform Rotation { get; init; }

    /// <summary>The largest number of in-plane quarter turns; uniform from 0.</summary>
    public RandomTransform QuarterTurns { get; init; }

    /// <summary>Relative change of size: 0.2 is up to a factor of 1.2 or 1/1.2.</summary>
    public RandomTransform Scaling { get; init; }

    /// <summary>The displacement of smooth elastic deformations with wavelengths of 30 mm and more, in mm.</summary>
    public RandomTransform Elastic { get; init; }

    /// <summary>An intensity offset, in standard deviations of the image.</summary>
    public RandomTransform Shift { get; init; }

    /// <summary>Relative change of contrast about the image's mean.</summary>
    public RandomTransform Contrast { get; init; }

    /// <summary>Relative change of intensities above the minimum.</summary>
    public RandomTransform Gain { get; init; }

    /// <summary>Gamma correction with an exponent of 1 ± up to this.</summary>
    public RandomTransform Gamma { get; init; }

    /// <summary>The standard deviation of added noise, in standard deviations of the image.</summary>
    public RandomTransform Noise { get; init; }

    /// <summary>The standard deviation of a Gaussian blur, in voxels.</summary>
    public RandomTransform Blur { get; init; }

    /// <summary>Simulated low resolution: 1 is up to twice as coarse before interpolation.</summary>
    public RandomTransform LowResolution { get; init; }

    /// <summary>The exponent of a smooth bias field.</summary>
    public RandomTransform Bias { get; init; }

    /// <summary>The side of a box set to the mean, as a fraction of the patch's.</summary>
    public RandomTransform CutOut { get; init; }

    /// <summary>Whether there are spatial transforms.</summary>
    internal bool IsSpatial =>
        Rotation.Probability + QuarterTurns.Probability + Scaling.Probability + Elastic.Probability
        > 0;
}

/// <summary>The augmentations that recipes name.</summary>
public enum AugmentationPreset
{
    /// <inheritdoc cref="Augmentation.None"/>
    None,

    /// <inheritdoc cref="Augmentation.Light"/>
    Light,

    /// <inheritdoc cref="Augmentation.Default"/>
    Default,

    /// <inheritdoc cref="Augmentation.Published"/>
    Published,
}
