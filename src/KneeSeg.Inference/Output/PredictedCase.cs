namespace KneeSeg.Inference;

/// <summary>What <c>predictions.json</c> says of a case.</summary>
/// <param name="Source">What it was made with.</param>
/// <param name="File">The labels' file in the folder.</param>
/// <param name="Changes">What post-processing did.</param>
internal sealed record PredictedCase(
    PredictionSource Source,
    string File,
    IReadOnlyList<LabelChange> Changes
)
{
    /// <summary>What it was made from; null in folders of versions that did not say.</summary>
    public InputImage? Image { get; init; }

    /// <summary>Every file in the folder that is of this case, the labels included.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>How many mm around the tissue are kept; null where none were cut out.</summary>
    public double? RoiMargin { get; init; }

    /// <summary>What was doubtful about the image or its labels, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>False while files are being written; where that was cut off, the case is predicted again.</summary>
    public bool Complete { get; init; } = true;
}
