namespace KneeSeg.Inference.LabelRules;

/// <summary>A change by post-processing.</summary>
/// <param name="Label">Its name.</param>
/// <param name="What">Such as <c>removed a part</c> or <c>filled a hole</c>.</param>
/// <param name="Volume">Its volume in mm³.</param>
public sealed record LabelChange(string Label, string What, double Volume)
{
    /// <summary>A component became background.</summary>
    internal const string Removed = "removed a part";

    /// <summary>Enclosed background became the label.</summary>
    internal const string Filled = "filled a hole";
}
