using KneeSeg.Dsl;

namespace KneeSeg.Experiments.Planning;

/// <summary>
/// What a candidate is expected to lose against the best Dice that the data allow, by a rule of thumb: it ranks candidates and
/// predicts no score. docs/explanation/planning.md tells where its constants come from.
/// </summary>
/// <param name="Steps">By too few training steps.</param>
/// <param name="Context">By patches that show too little of the image.</param>
/// <param name="Overfitting">By patches that show nearly all of it, of few cases.</param>
/// <param name="Capacity">By a narrow network.</param>
/// <param name="Detail">By computing thin structures at a coarse resolution.</param>
internal sealed record Expectation(
    double Steps,
    double Context,
    double Overfitting,
    double Capacity,
    double Detail
)
{
    /// <summary>Voxels across a thin structure below which coarse computations cost most.</summary>
    public const double VoxelsAcross = 3;

    // Patches of about 0.7 of the image along each axis did best on 36 generated knees.
    private const double EnoughCoverage = 0.7;
    private const double EnoughVolume = 0.4;
    private const double Cases = 36;

    /// <summary>All together.</summary>
    public double Total => Steps + Context + Overfitting + Capacity + Detail;

    /// <summary>The expectation.</summary>
    /// <param name="choice">The network.</param>
    /// <param name="steps">Training steps.</param>
    /// <param name="batch">Patches of a step.</param>
    /// <param name="coverage">The share of the median image that a patch shows along each axis.</param>
    /// <param name="cases">How many training cases there are.</param>
    /// <param name="across">Voxels across the thinnest structure.</param>
    /// <param name="coarser">By how much voxels are longer than those of the data, the mean over axes; 0 for as long.</param>
    public static Expectation Of(
        UNetChoice choice,
        double steps,
        int batch,
        double[] coverage,
        int cases,
        double across,
        double coarser
    )
    {
        var volume = coverage.Aggregate(1.0, (a, b) => a * Math.Min(1, b));
        var missing = Math.Clamp((VoxelsAcross - across) / 2, 0.15, 1);
        return new(
            Steps: Math.Min(0.5, 0.045 * Math.Pow(1200 / (steps * Math.Sqrt(batch)), 1.1)),
            Context: 0.25 * coverage.Sum(c => Math.Pow(Math.Max(0, 1 - c / EnoughCoverage), 2)),
            Overfitting: 0.1
                * Math.Max(0, (volume - EnoughVolume) / (1 - EnoughVolume))
                * Math.Min(1, Math.Sqrt(Cases / cases)),
            Capacity: Math.Max(0, 0.01 * Math.Log2(32.0 / choice.Width))
                + (choice.Block == UNetBlock.Residual ? 0 : 0.003),
            Detail: (choice.IsCoarse ? 0.03 * missing : 0) + 0.03 * coarser
        );
    }
}
