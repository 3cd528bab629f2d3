namespace KneeSeg.Inference;

/// <summary>What is written for a case beside its labels, and how.</summary>
/// <param name="Format">The format of every volume.</param>
/// <param name="Probabilities">Whether a volume for each tissue says how probable it is: 0 to 1.</param>
/// <param name="Uncertainty">
/// Whether a volume says how undecided each voxel is: the entropy of its probabilities, from 0 to 1.
/// </param>
/// <param name="RoiMargin">
/// How many mm around all tissue are cut out of image and labels as numpy arrays; null cuts none.
/// </param>
public sealed record PredictionOutput(
    OutputFormat Format = OutputFormat.Nifti,
    bool Probabilities = false,
    bool Uncertainty = false,
    double? RoiMargin = null
);
