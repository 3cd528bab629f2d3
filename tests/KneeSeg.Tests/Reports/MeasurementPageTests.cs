using System.Text.RegularExpressions;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Morphometry;
using KneeSeg.Reports.Page;

namespace KneeSeg.Tests.Reports;

/// <summary>The pages of <c>measure</c>.</summary>
public sealed partial class MeasurementPageTests
{
    [Fact]
    public void A_plate_that_a_later_visit_lacks_has_no_map_there()
    {
        var labels = LabelSchema.Find("iwoai")!.Labels;
        var first = Phantom.Create(seed: 1, new(32, 64, 64)).Labels;
        var second = first with
        {
            Voxels = [.. first.Voxels.Select(label => label == 2 ? (byte)0 : label)],
        };
        var baseline = Knee.Of(first, labels);

        var page = new MeasurementPage(labels);
        page.Add("baseline", baseline, baseline: null);
        page.Add("later", baseline.Later(second), baseline);
        var html = page.Draw(new(1, [new("baseline"), new("later")], []));

        var maps = html[html.IndexOf("<h2>later</h2>", StringComparison.Ordinal)..];
        Assert.Equal(
            ["femoral cartilage", "lateral tibial cartilage", "patellar cartilage"],
            Titles().Matches(maps).Select(title => title.Groups[1].Value)
        );
    }

    [GeneratedRegex("<figcaption>([^<]*)</figcaption>")]
    private static partial Regex Titles();
}
