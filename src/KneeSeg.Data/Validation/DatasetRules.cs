using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Data.Validation;

/// <summary>Rules that compare cases with each other.</summary>
internal static class DatasetRules
{
    // Scans of one protocol differ by less.
    private const double MostSpacingRatio = 1.25;

    public static IEnumerable<ValidationIssue> Findings(IReadOnlyList<CaseSummary> cases) =>
        [.. Splits(cases), .. Copies(cases), .. UnusualSpacings(cases)];

    private static IEnumerable<ValidationIssue> Splits(IReadOnlyList<CaseSummary> cases)
    {
        foreach (var split in Enum.GetValues<Split>())
            if (cases.Count > 0 && cases.All(facts => facts.Case.Split != split))
                yield return new ValidationIssue(
                    IssueSeverity.Warning,
                    "",
                    $"no case has the split {split.ToString().ToLowerInvariant()}",
                    "Split the subjects into train, validation and test"
                );
    }

    private static IEnumerable<ValidationIssue> Copies(IReadOnlyList<CaseSummary> cases) =>
        from same in cases.GroupBy(facts => facts.ImageHash)
        let first = same.First().Case
        from facts in same.Skip(1)
        let leak = facts.Case.Split != first.Split
        select new ValidationIssue(
            leak ? IssueSeverity.Error : IssueSeverity.Warning,
            facts.Case.Id,
            $"its image is identical to that of case {first.Id}"
                + (leak ? ", which is in another split" : ""),
            "Remove one of the two"
        );

    private static IEnumerable<ValidationIssue> UnusualSpacings(IReadOnlyList<CaseSummary> cases)
    {
        if (cases.Count == 0)
            yield break;
        var usual = Spacings.Median([.. cases.Select(facts => facts.Spacing)]);
        foreach (var facts in cases)
        {
            var ratio = Spacings.Ratio(facts.Spacing, usual);
            if (ratio > MostSpacingRatio)
                yield return new ValidationIssue(
                    IssueSeverity.Warning,
                    facts.Case.Id,
                    FormattableString.Invariant(
                        $"its spacing {Spacings.Text(facts.Spacing)} differs by a factor of {ratio:0.##} from the median {Spacings.Text(usual)}"
                    ),
                    "Check the header; the image will be resampled"
                );
        }
    }
}

/// <summary>Properties of a case that are compared across cases.</summary>
/// <param name="Case">Which case.</param>
/// <param name="Spacing">Of the image in model orientation.</param>
/// <param name="ImageHash">SHA-256 of the image's voxels.</param>
internal sealed record CaseSummary(DatasetCase Case, ModelSpacing Spacing, string ImageHash)
{
    public static CaseSummary Of(DatasetCase dataCase, Volume<float> image) =>
        new(
            dataCase,
            Spacings.Of(image.Grid),
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(image.Voxels.AsSpan())))
        );
}
