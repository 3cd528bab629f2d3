namespace KneeSeg.Experiments.Planning;

/// <summary>What a plan must keep to.</summary>
/// <param name="Memory">Of training, in bytes.</param>
/// <param name="Time">Of training, validation included.</param>
/// <param name="PredictMemory">Of predicting the largest image of the data, in bytes; null for no limit of its own.</param>
internal sealed record PlanLimits(long Memory, TimeSpan Time, long? PredictMemory)
{
    // Estimates may be so much too low.
    private const double Margin = 0.9;

    private const double TimeMargin = 0.95;

    /// <summary>What estimates of training may come to.</summary>
    public long UsableMemory => (long)(Margin * Memory);

    /// <summary>What steps and validations may come to; preprocessing, checkpoints and pictures take the rest.</summary>
    public double UsableSeconds => TimeMargin * Time.TotalSeconds;

    /// <summary>What estimates of predicting may come to.</summary>
    public long UsablePredictMemory =>
        PredictMemory is { } bytes ? (long)(Margin * bytes) : long.MaxValue;
}
