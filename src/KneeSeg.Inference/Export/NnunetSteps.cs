using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using static System.FormattableString;

namespace KneeSeg.Inference.Export;

/// <summary>nnU-Net's preprocessing, step by step.</summary>
internal static class NnunetSteps
{
    /// <summary>The steps from an image to the input, in this order.</summary>
    /// <param name="own">What differs between plans.</param>
    /// <param name="spacing">The target spacing.</param>
    /// <param name="channels">The names of the channels.</param>
    public static IEnumerable<PreprocessingStep> Of(
        NnunetPreprocessing own,
        ModelSpacing spacing,
        IReadOnlyList<string> channels
    )
    {
        yield return new("replace values that are not finite") { With = "the lowest finite value" };
        yield return new("reorder axes")
        {
            Axes = own.Reorient ? "SAR" : "stored, the slowest first",
            Rule = $"then in the order {string.Join(", ", own.Transpose)}",
        };
        yield return new("crop")
        {
            Rule = "to the box of voxels that are not zero in some channel",
        };
        foreach (var (channel, rule) in channels.Zip(own.Channels))
            yield return new("normalize intensities")
            {
                Channel = channels.Count > 1 ? channel : null,
                Rule = Text(rule),
            };
        yield return new("resample")
        {
            Millimeters = own.Planar
                ? [spacing.Height, spacing.Width]
                : [spacing.Depth, spacing.Height, spacing.Width],
            Interpolation =
                "cubic B-spline, with the edges repeated and clipped to the image's range; where a spacing is more than 3 times another, each slice across it by itself, and the nearest slice",
        };
    }

    private static string Text(NnunetIntensity rule) =>
        rule.Scheme switch
        {
            NnunetScheme.ZScore when rule.InMask =>
                "of voxels that are not zero, and holes in them: subtract the mean, divide by the deviation",
            NnunetScheme.ZScore => "subtract the mean, divide by the deviation",
            NnunetScheme.Ct => Invariant(
                $"clip to {rule.Low} and {rule.High}, subtract {rule.Mean}, divide by {rule.Deviation}"
            ),
            NnunetScheme.ZeroToOne => "subtract the lowest value, divide by the range",
            NnunetScheme.Rgb => "divide by 255",
            _ => "none",
        };
}
