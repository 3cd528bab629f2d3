namespace KneeSeg.Runs;

/// <summary>One epoch of a run: a line of <c>log.jsonl</c>.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Optimizer steps so far.</param>
/// <param name="Loss">The mean training loss.</param>
/// <param name="LearningRate">Of its last step.</param>
/// <param name="Seconds">How long it took, validation included.</param>
/// <param name="Validation">What validation cases said; null where they were not asked.</param>
public sealed record EpochRecord(
    int Epoch,
    long Step,
    double Loss,
    double LearningRate,
    double Seconds,
    ValidationRecord? Validation
)
{
    /// <summary>
    /// The mean loss of the patches in the middle of the validation cases, one a case; null where they were not asked.
    /// </summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The loss of each of its steps.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>The share of its time that was spent waiting for patches, 0 to 1.</summary>
    public double DataShare { get; init; }
}

/// <summary>How a network does on the validation cases.</summary>
/// <param name="Dice">Of each foreground label over all cases, label 1 first; null where a label occurs nowhere.</param>
/// <param name="Mean">The mean of those that are known.</param>
public sealed record ValidationRecord(IReadOnlyList<double?> Dice, double Mean);
