using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using KneeSeg.Data.Validation;
using KneeSeg.Evaluation;
using KneeSeg.Morphometry;
using KneeSeg.Reports;
using KneeSeg.Reports.Content;
using KneeSeg.Reports.Page;
using KneeSeg.Reports.Tables;

namespace KneeSeg.Tests.Reports;

public sealed class ReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_page_is_well_formed_whatever_names_say() =>
        Assert.Equal("vnet on <knees>", Parsed(Samples.Content()).Descendants("h1").Single().Value);

    [Fact]
    public void The_page_loads_nothing_from_elsewhere()
    {
        var links = Parsed(Samples.Content())
            .Descendants()
            .Attributes()
            .Where(a => a.Name.LocalName is "src" or "href")
            .Select(a => a.Value);

        Assert.All(links, link => Assert.Matches("^(data:|#)", link));
        Assert.DoesNotContain("url(http", Page(Samples.Content()));
        Assert.DoesNotContain("@import", Page(Samples.Content()));
        Assert.DoesNotContain("<script", Page(Samples.Content()));
    }

    [Fact]
    public void Animations_and_renderings_are_in_the_page()
    {
        var page = Page(Samples.Content() with { Progress = [5, 6] });

        Assert.Contains("data:image/gif;base64,AQI=", page);
        Assert.Contains("data:image/png;base64,AwQ=", page);
        Assert.Contains("data:image/gif;base64,BQY=", page);
    }

    [Fact]
    public void An_animation_that_makes_the_page_too_large_is_linked()
    {
        var page = Page(Samples.Content(), flight: new byte[11_000_000]);

        Assert.Contains("href=\"page-bad-slices.gif\"", page);
        Assert.True(page.Length < 1_000_000);
    }

    [Fact]
    public void A_missed_structure_is_reported_before_the_mean_Dice()
    {
        var text = Parsed(Samples.Content()).Descendants("header").Single().Value;

        Assert.Contains("of 4 missed: patella | <b> in bad", text);
        Assert.True(
            text.IndexOf("missed", StringComparison.Ordinal)
                < text.IndexOf("Mean Dice", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_misplaced_structure_is_reported_before_the_mean_Dice_and_in_every_table()
    {
        var content = Samples.Content() with { Evaluation = Samples.Misplaced() };
        var text = Parsed(content).Descendants("header").Single().Value;

        Assert.Contains("1 structure of 4 misplaced", text);
        Assert.Contains("patella | <b> in bad", text);
        Assert.DoesNotContain("Every structure", text);
        Assert.True(
            text.IndexOf("misplaced", StringComparison.Ordinal)
                < text.IndexOf("Mean Dice", StringComparison.Ordinal)
        );
        Assert.Contains("0 missed, 1 misplaced, 0 spurious", MarkdownPage.Of(content));
        var lines = CsvTables.Cases(content.Evaluation).Split("\r\n");
        var column = Array.IndexOf(lines[0].Split(','), "misplaced");
        Assert.Equal(["0", "0", "0", "1"], lines[1..5].Select(line => line.Split(',')[column]));
        lines = CsvTables.Structures(content.Evaluation).Split("\r\n");
        column = Array.IndexOf(lines[0].Split(','), "misplaced");
        Assert.Equal(["0", "1"], lines[1..3].Select(line => line.Split(',')[column]));
    }

    [Fact]
    public void If_no_structure_is_wrong_the_lowest_Dice_is_reported()
    {
        var good = Samples.Evaluation();
        var found = EvaluationSummary.Of([good.Cases[0], good.Cases[0] with { Id = "second" }]);
        string Headline(EvaluationSummary evaluation) =>
            Parsed(Samples.Content() with { Evaluation = evaluation })
                .Descendants("header")
                .Single()
                .Value;

        Assert.Contains("overlaps its reference in every case, and", Headline(found));
        Assert.Contains("The lowest Dice is 0.800: patella | <b> in good", Headline(found));
        Assert.Contains(
            "every case that could be evaluated",
            Headline(found with { Failed = [new("torn", "a.nii", "is torn", "Copy it again")] })
        );
    }

    [Fact]
    public void Cases_and_pictures_go_from_worst_to_best()
    {
        var page = Parsed(Samples.Content());

        var rows = page.Descendants("section")
            .Single(s => (string?)s.Attribute("id") == "cases")
            .Descendants("tbody")
            .First()
            .Elements("tr")
            .Select(row => row.Element("th")!.Value);
        var pictures = page.Descendants("h3").Select(title => title.Value.Split(' ')[0]);

        Assert.Equal(["bad", "good"], rows);
        Assert.Equal(["bad", "good"], pictures);
    }

    [Fact]
    public void Quality_flags_are_listed_as_they_are_ordered()
    {
        QualityFlag missing = new("missing", FlagSeverity.Severe, "no <patella>", "Look");
        var content = Samples.Content() with
        {
            Flagged = [new("bad", [missing]), new("good", [missing with { Id = "volume" }])],
        };

        var rows = Parsed(content)
            .Descendants("section")
            .Single(section => (string?)section.Attribute("id") == "flags")
            .Descendants("tbody")
            .Single()
            .Elements("tr");

        Assert.Equal(
            ["badseveremissingno <patella>. Look.", "goodseverevolumeno <patella>. Look."],
            rows.Select(row => row.Value)
        );
        Assert.DoesNotContain("Quality flags", Page(Samples.Content()));
    }

    [Fact]
    public void Many_cases_are_shown_by_the_worst_four_the_middle_and_the_best()
    {
        var content = Samples.Content();
        var ids = Enumerable.Range(1, 9).Select(i => $"knee-{i}").ToArray();
        var page = Parsed(
            content with
            {
                Evaluation = null,
                Pictures = [.. ids.Select(id => new CasePicture(id, Samples.Knee))],
            }
        );

        Assert.Equal(
            ["knee-1", "knee-2", "knee-3", "knee-4", "knee-7", "knee-9"],
            page.Descendants("h3").Select(title => title.Value.Trim())
        );
    }

    [Theory]
    [InlineData(2, false, "knee-1", "knee-2")]
    [InlineData(5, false, "knee-1", "knee-3", "knee-5")]
    [InlineData(9, false, "knee-1", "knee-7", "knee-9")]
    [InlineData(5, true, "knee-3")]
    [InlineData(0, true)]
    public void The_worst_the_middle_and_the_best_are_shown_as_a_whole(
        int cases,
        bool isBrief,
        params string[] shown
    )
    {
        var content = Samples.Content() with
        {
            Evaluation = null,
            IsBrief = isBrief,
            Pictures =
            [
                .. Enumerable
                    .Range(1, cases)
                    .Select(i => new CasePicture($"knee-{i}", Samples.Knee)),
            ],
        };

        Assert.Equal(shown, GallerySection.Whole(content).Select(one => one.Id));
    }

    [Fact]
    public void A_distance_that_does_not_exist_is_a_dash()
    {
        var missed = Parsed(Samples.Content())
            .Descendants("details")
            .First()
            .Descendants("tr")
            .Single(row => row.Value.Contains("missed"));

        Assert.Contains(missed.Elements("td"), cell => cell.Value == "–");
    }

    [Fact]
    public void A_region_that_some_cases_lack_is_counted()
    {
        static MorphometryPair Plate(params string[] regions)
        {
            PlateMorphometry plate = new(
                "inferred",
                [
                    .. regions.Select(name => new RegionMeasures(
                        name,
                        100,
                        90,
                        10,
                        10,
                        200,
                        2,
                        1.8,
                        2,
                        0.5,
                        3,
                        0
                    )),
                ],
                []
            );
            return new(plate, plate);
        }
        var content = Samples.Content();
        var evaluation = content.Evaluation!;
        MorphometryPair[] plates = [Plate("whole"), Plate("whole", "cMT")];
        var cases = evaluation
            .Cases.Take(2)
            .Zip(
                plates,
                (one, plate) =>
                    one with
                    {
                        Labels =
                        [
                            one.Labels[0] with
                            {
                                Morphometry = plate,
                            },
                            .. one.Labels.Skip(1),
                        ],
                    }
            );

        var rows = Parsed(content with { Evaluation = evaluation with { Cases = [.. cases] } })
            .Descendants("section")
            .Single(section => section.Attribute("id")?.Value == "thickness")
            .Descendants("tr")
            .Select(row => row.Elements().Select(cell => cell.Value).ToArray())
            .ToArray();

        Assert.Equal("2 of 2", rows.Single(row => row[1] == "whole")[^1]);
        Assert.Equal("1 of 2", rows.Single(row => row[1] == "cMT")[^1]);
    }

    [Fact]
    public void The_difference_panel_has_only_what_differs()
    {
        var content = Samples.Content();
        var perfect = Samples.Knee() with { Prediction = Samples.Knee().Reference };

        Assert.Contains("class=\"missed label-1\"", Page(content));
        Assert.DoesNotContain(
            "class=\"missed",
            Page(content with { Pictures = [new("good", () => perfect)] })
        );
    }

    [Fact]
    public void An_epoch_without_a_value_is_a_gap_in_its_line()
    {
        var lines = Parsed(Samples.Content())
            .Descendants("path")
            .Where(path => path.Element("title")?.Value is "femoral cartilage" or "patella | <b>")
            .Select(path => Regex.Count((string)path.Attribute("d")!, "[ML]"));

        Assert.Equal([2, 1], lines);
    }

    [Fact]
    public void A_run_that_was_only_started_has_a_report()
    {
        var page = Parsed(Samples.Content() with { Epochs = [], Evaluation = null, Pictures = [] });

        Assert.Contains("Not evaluated yet", page.Value);
        Assert.Contains("No epoch is finished yet", page.Value);
    }

    [Fact]
    public void The_runs_numbers_are_listed_by_name()
    {
        var facts = Parsed(Samples.Content())
            .Descendants("section")
            .Single(s => (string?)s.Attribute("id") == "run")
            .Element("dl")!
            .Elements()
            .Select(e => e.Value);

        Assert.Equal(
            ["spec", "vnet", "recipe · epochs", "3", "recipe · patch", "32, 64, 64"],
            facts
        );
    }

    [Fact]
    public void A_run_file_that_is_no_JSON_is_a_bad_input()
    {
        var problem = Assert.Throws<ProblemException>(() =>
            Page(Samples.Content() with { Run = "{" })
        );

        Assert.Equal(ExitCode.Data, problem.Exit);
    }

    [Fact]
    public void Tables_lie_beside_the_page()
    {
        RunReport.Write(
            Path.Combine(folder, "knees.html"),
            Samples.Content(),
            SilentProgress.Instance
        );

        Assert.Equal(
            [
                .. Samples
                    .Content()
                    .Pictures.SelectMany(picture =>
                        new[] { ".png", "-slices.gif", "-voxels.png" }.Select(end =>
                            $"knees-{picture.Id}{end}"
                        )
                    )
                    .Concat(["knees-cases.csv", "knees-structures.csv", "knees.html", "knees.md"])
                    .Order(StringComparer.Ordinal),
            ],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_a_problem_of_resources()
    {
        File.WriteAllText(Path.Combine(folder, "file"), "");

        var problem = Assert.Throws<ProblemException>(() =>
            RunReport.Write(
                Path.Combine(folder, "file", "report.html"),
                Samples.Content(),
                SilentProgress.Instance
            )
        );

        Assert.Equal(ExitCode.Resources, problem.Exit);
    }

    [Fact]
    public void CSV_keeps_every_digit_and_leaves_missing_values_empty()
    {
        var lines = CsvTables.Cases(Samples.Evaluation()).Split("\r\n");

        var columns = lines[0].Split(',');
        var missed = lines.Single(line => line.StartsWith("bad,2")).Split(',');
        Assert.Equal("", missed[Array.IndexOf(columns, "assd_mm")]);
        Assert.Equal("1", missed[Array.IndexOf(columns, "missed")]);
        Assert.Contains("0.9", lines[1].Split(','));
    }

    [Fact]
    public void CSV_quotes_names_with_commas_and_quotes()
    {
        var evaluation = Samples.Evaluation();
        var odd = evaluation with { Cases = [evaluation.Cases[0] with { Id = "a,\"b\"" }] };

        Assert.Contains("\r\n\"a,\"\"b\"\"\",1,", CsvTables.Cases(odd));
    }

    [Fact]
    public void Markdown_tables_survive_a_bar_in_a_name()
    {
        var text = MarkdownPage.Of(Samples.Content());

        Assert.Contains("| patella \\| <b> |", text);
        Assert.Contains("1 missed, 0 misplaced, 0 spurious", text);
    }

    private static string Page(RunContent content) => Page(content, flight: [1, 2]);

    // What views are is CaseViewTests' matter; here they are any bytes.
    private static string Page(RunContent content, byte[] flight) =>
        HtmlPage
            .Draw(
                content,
                new Dictionary<string, CaseViews> { ["bad"] = new("page-bad", flight, [3, 4]) }
            )
            .Source;

    private static XElement Parsed(RunContent content)
    {
        using var reader = XmlReader.Create(
            new StringReader(Page(content)),
            new() { DtdProcessing = DtdProcessing.Ignore }
        );
        return XElement.Load(reader);
    }
}
