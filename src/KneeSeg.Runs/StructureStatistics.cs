namespace KneeSeg.Runs;

/// <summary>A structure in the training cases, with which predictions are compared.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Share">The share of cases that have it, 0 to 1.</param>
/// <param name="Volume">In mm³.</param>
/// <param name="LargestPart">The share of its largest connected part in its volume.</param>
/// <param name="Thickness">In mm; null except for cartilage.</param>
public sealed record StructureStatistics(
    string Label,
    double Share,
    MeasureDistribution Volume,
    MeasureDistribution LargestPart,
    MeasureDistribution? Thickness
);

/// <summary>A measure over cases.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="Sd">The sample's standard deviation (n - 1); 0 for a single case.</param>
/// <param name="Count">The number of cases.</param>
public sealed record MeasureDistribution(double Mean, double Sd, int Count)
{
    // Fewer cases say little about a distribution.
    private const int FewestCases = 5;

    // Cases vary by at least this share of the mean, though a few may happen to be alike.
    private const double LeastVariation = 0.1;

    /// <summary>The distribution of values; null without one.</summary>
    public static MeasureDistribution? Of(IReadOnlyList<double> values)
    {
        if (values is [])
            return null;
        var mean = values.Average();
        var squares = values.Sum(value => (value - mean) * (value - mean));
        // To the digits that matter, so that the file can be read.
        return new(
            Math.Round(mean, 4),
            Math.Round(Math.Sqrt(squares / Math.Max(1, values.Count - 1)), 4),
            values.Count
        );
    }

    /// <summary>How many standard deviations a value lies above the mean; null with fewer than five cases.</summary>
    /// <param name="value">The value. The deviation counts as at least a tenth of the mean.</param>
    public double? Z(double value) =>
        Count < FewestCases ? null : (value - Mean) / Math.Max(Sd, LeastVariation * Mean);
}
