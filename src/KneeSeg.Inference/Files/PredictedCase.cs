using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Inference.Files;

/// <summary>The record of a case in <c>predictions.json</c>.</summary>
/// <param name="Source">How it was predicted.</param>
/// <param name="File">The labels' file in the folder.</param>
/// <param name="Changes">Changes by post-processing.</param>
internal sealed record PredictedCase(
    PredictionSource Source,
    string File,
    IReadOnlyList<LabelChange> Changes
)
{
    /// <summary>The predicted image; null in folders of older versions.</summary>
    public InputImage? Image { get; init; }

    /// <summary>All files of this case, including the labels.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The ROI margin in mm; null without an ROI.</summary>
    public double? RoiMargin { get; init; }

    /// <summary>Warnings about the image or its labels, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>False while files are being written; if interrupted, the case is predicted again.</summary>
    public bool Complete { get; init; } = true;
}
