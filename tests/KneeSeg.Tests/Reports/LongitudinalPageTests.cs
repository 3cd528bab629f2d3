using System.Text.RegularExpressions;
using System.Xml.Linq;
using KneeSeg.Evaluation.Longitudinal;
using KneeSeg.Reports.Longitudinal;
using KneeSeg.Reports.Tables;

namespace KneeSeg.Tests.Reports;

/// <summary>The page and the tables about change over time.</summary>
public sealed partial class LongitudinalPageTests
{
    private static readonly string[] Subregions =
    [
        .. FemorotibialRegions.Medial,
        .. FemorotibialRegions.Lateral,
    ];

    [Fact]
    public void Each_subregion_is_drawn_once_in_the_color_of_its_change()
    {
        var page = Page(Knees(Subregions, loss: .1));
        foreach (var region in Subregions)
            Assert.Single(Regex.Matches(page, $">{region}</text>"));
        // All lose as much as the scale shows, and no other region is measured.
        Assert.Equal(Subregions.Length, Filled.Count(page));
        Assert.Equal(4, Unfilled.Count(page));
        Assert.DoesNotContain("NaN", page);
    }

    [Fact]
    public void Other_regions_have_no_map_and_one_region_no_order()
    {
        var page = Page(Knees(["trochlea"], loss: .1));
        Assert.DoesNotContain("class=\"plates\"", page);
        Assert.DoesNotContain("id=\"ordered\"", page);
        Assert.Contains("trochlea", page);
    }

    [Fact]
    public void A_table_without_change_or_repeats_says_so()
    {
        var page = Page(Knees(["cMT"], loss: .1).Where(one => one is { Visit: 0, Scan: 1 }));
        Assert.Contains("No knee has both the baseline", page);
        Assert.Contains("No knee has two scans of a visit", page);
    }

    [Fact]
    public void Every_picture_is_well_formed()
    {
        var page = Page(
            Knees(Subregions, loss: .05)
                .SelectMany(one =>
                    new[] { one with { Reader = "A & B" }, one with { Reader = "C" } }
                )
        );
        var pictures = Picture.Matches(page);
        Assert.True(pictures.Count > 20);
        foreach (Match picture in pictures)
            XElement.Parse(picture.Value);
    }

    [Fact]
    public void Tables_have_a_line_for_each_region_knee_and_change()
    {
        var report = LongitudinalReport.Of([.. Knees(["cMT", "eMT"], loss: .1)]);
        Assert.Equal(1 + 2, Lines(LongitudinalTables.Regions(report)).Length);
        Assert.Equal(1 + 2 * 4, Lines(LongitudinalTables.Changes(report)).Length);
        var knees = Lines(LongitudinalTables.Knees(report));
        Assert.Equal(1 + 4, knees.Length);
        Assert.EndsWith(",ov1,ov2", knees[0]);
        var regions = Lines(LongitudinalTables.Regions(report));
        Assert.Equal(regions[0].Split(',').Length, regions[1].Split(',').Length);
        Assert.Contains(",baLimits_low,baLimits_high,", regions[0]);
        Assert.Contains(",srmCiT_low,", regions[0]);
    }

    // Four knees with a repeated baseline, all of which lose about as much everywhere.
    private static IEnumerable<Measurement> Knees(string[] regions, double loss) =>
        from subject in Enumerable.Range(1, 4)
        from region in regions
        from value in new Measurement[]
        {
            new($"s{subject}", "left", region, 0, 1, 0, 2 + subject * .1),
            new($"s{subject}", "left", region, 0, 2, 0, 2.01 + subject * .099),
            new($"s{subject}", "left", region, 1, 1, 1, 2 - loss + subject * .101),
        }
        select value;

    private static string Page(IEnumerable<Measurement> measurements) =>
        LongitudinalPage.Draw(LongitudinalReport.Of([.. measurements])).Source;

    private static string[] Lines(string table) =>
        table.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("""<path class="region" [^>]*fill="#""")]
    private static partial Regex Filled { get; }

    [GeneratedRegex("""<path class="region" [^>]*fill="none""")]
    private static partial Regex Unfilled { get; }

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Picture { get; }
}
