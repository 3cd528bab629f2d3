namespace KneeSeg.Evaluation;

/// <summary>One label by two systems.</summary>
/// <param name="Label">Its number.</param>
/// <param name="Name">Its name in the profile.</param>
/// <param name="Dice">Over the cases where either system or the reference has it.</param>
public sealed record LabelComparison(int Label, string Name, PairedTest Dice);
