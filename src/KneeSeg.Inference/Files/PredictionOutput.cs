namespace KneeSeg.Inference.Files;

/// <summary>Additional outputs of a prediction, and the file format.</summary>
/// <param name="Format">The format of every volume.</param>
/// <param name="Probabilities">Whether to write a probability volume per structure, 0 to 1.</param>
/// <param name="Uncertainty">
/// Whether to write an uncertainty volume: the normalized entropy of the probabilities, 0 to 1.
/// </param>
/// <param name="RoiMargin">
/// The margin in mm of an ROI around the foreground, cropped from image and labels as numpy arrays; null for none.
/// </param>
public sealed record PredictionOutput(
    OutputFormat Format = OutputFormat.Nifti,
    bool Probabilities = false,
    bool Uncertainty = false,
    double? RoiMargin = null
);
