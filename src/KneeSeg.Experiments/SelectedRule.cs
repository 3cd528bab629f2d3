using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Experiments;

/// <summary>The postprocessing selected for a label.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Rule">The best rule; null if none helps.</param>
/// <param name="Before">The mean Dice without it; null if no case has the label.</param>
/// <param name="After">With it.</param>
public sealed record SelectedRule(string Label, LabelRule? Rule, double? Before, double? After);
