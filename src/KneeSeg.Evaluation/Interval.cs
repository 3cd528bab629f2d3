namespace KneeSeg.Evaluation;

/// <summary>A confidence interval, in the unit of its measure.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public sealed record Interval(double Low, double High);
