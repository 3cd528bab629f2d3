using KneeSeg.Data.Validation;
using KneeSeg.Evaluation;
using KneeSeg.Runs;
using static System.FormattableString;

namespace KneeSeg.Inference.Quality;

/// <summary>Flags of a predicted structure beside those of the training cases.</summary>
internal static class StructureRules
{
    // A structure that so many training cases have is expected.
    private const double Expected = 0.9;

    // How far the largest part's share may lie below its mean in training.
    private const double LeastFragmentation = 0.15;
    private const double SevereFragmentation = 0.4;

    // Standard deviations.
    private const double Unusual = 3;
    private const double Implausible = 5;

    private const string Look = "Look at its labels, and correct them if they are wrong";

    /// <summary>The flags of a structure.</summary>
    /// <param name="known">The structure in training.</param>
    /// <param name="seen">The predicted structure; null where it is absent.</param>
    public static IEnumerable<QualityFlag> Flags(StructureStatistics known, StructureMeasures? seen)
    {
        if (seen is null)
        {
            if (known.Share >= Expected)
                yield return new(
                    "missing",
                    FlagSeverity.Severe,
                    Invariant(
                        $"no {known.Label} was found, which {known.Share:P0} of the training cases have"
                    ),
                    "Check that it is in the image, and label it"
                );
            yield break;
        }
        var loss = known.LargestPart.Mean - seen.LargestPart;
        if (loss > Math.Max(LeastFragmentation, Unusual * known.LargestPart.Sd))
            yield return new(
                "fragmented",
                loss > SevereFragmentation ? FlagSeverity.Severe : FlagSeverity.Warning,
                Invariant(
                    $"the {known.Label} is in pieces: the largest is {seen.LargestPart:P0} of it, in training {known.LargestPart.Mean:P0}"
                ),
                "Look at its labels, and remove pieces that are something else"
            );
        if (Beyond("volume", known.Label, seen.Volume, known.Volume, "mm³", "0") is { } volume)
            yield return volume;
        if (
            seen.Thickness is { } mm
            && known.Thickness is { } thickness
            && Beyond("thickness", known.Label, mm, thickness, "mm", "0.00") is { } thick
        )
            yield return thick;
    }

    private static QualityFlag? Beyond(
        string measure,
        string label,
        double seen,
        MeasureDistribution known,
        string unit,
        string format
    )
    {
        string Text(double value) => Invariant($"{value.ToString(format, null)} {unit}");
        return known.Z(seen) is { } z && Math.Abs(z) > Unusual
            ? new(
                measure,
                Math.Abs(z) > Implausible ? FlagSeverity.Severe : FlagSeverity.Warning,
                Invariant(
                    $"the {measure} of the {label} is {Text(seen)}, {Math.Abs(z):0.0} standard deviations {(z < 0 ? "below" : "above")} the training mean of {Text(known.Mean)}"
                ),
                Look
            )
            : null;
    }
}
