namespace KneeSeg.Reports;

/// <summary>One epoch of training, as a line of <c>log.jsonl</c> says it.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">The mean training loss.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="ValidationLoss">The loss on validation cases, where it was measured.</param>
/// <param name="ValidationDice">Dice of each foreground label on validation cases, label 1 first; empty where not
/// measured, NaN where a label occurs nowhere.</param>
public sealed record EpochPoint(
    int Epoch,
    double Loss,
    double Seconds,
    double? ValidationLoss,
    IReadOnlyList<double> ValidationDice
);
