using System.Text.Json.Nodes;
using KneeSeg.Evaluation.Longitudinal;
using MathNet.Numerics.Distributions;

namespace KneeSeg.Tests.Evaluation;

/// <summary>Change over time. The numbers of the first tests were computed by hand and with scipy.</summary>
public sealed class LongitudinalTests : IDisposable
{
    private const double Tolerance = 1e-6;

    private static readonly double[] First =
    [
        1.912,
        1.653,
        1.784,
        2.105,
        1.447,
        1.988,
        1.576,
        1.829,
    ];
    private static readonly double[] Repeated =
    [
        1.897,
        1.681,
        1.772,
        2.121,
        1.424,
        1.979,
        1.602,
        1.836,
    ];
    private static readonly double[] Later =
    [
        1.861,
        1.642,
        1.689,
        2.097,
        1.268,
        1.971,
        1.541,
        1.842,
    ];
    private static readonly double[] LaterRepeated =
    [
        1.849,
        1.629,
        1.711,
        2.083,
        1.291,
        1.960,
        1.529,
        1.821,
    ];
    private static readonly double[] Years = [1.02, 0.98, 1.05, 1.00, 1.96, 1.01, 0.97, 2.03];

    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Theory]
    [InlineData("rmsSd", .013096)]
    [InlineData("rmsSdCi", .008846, .025089)]
    [InlineData("rmsCvPercent", .793203)]
    [InlineData("rmsSdOverMeanPercent", .732479)]
    [InlineData("rmsSdAllVisits", .012465)]
    [InlineData("rmsSdAllVisitsDf", 16.0)]
    [InlineData("sdDifference", .019652)]
    [InlineData("sem", .013896)]
    [InlineData("sdc95", .038519)]
    [InlineData("lsc95", .036299)]
    [InlineData("baBias", -.002250)]
    [InlineData("baBiasCi", -.018680, .014180)]
    [InlineData("baLimits", -.040769, .036269)]
    [InlineData("baLowerCi", -.070137, -.011400)]
    [InlineData("baUpperCi", .006900, .065637)]
    [InlineData("msr", .096570)]
    [InlineData("msc", .000020)]
    [InlineData("mse", .000193)]
    [InlineData("icc21", .996454)]
    [InlineData("icc21Ci", .982772, .999286)]
    [InlineData("icc31", .996009)]
    [InlineData("icc31Ci", .980221, .999200)]
    [InlineData("meanChange", -.047875)]
    [InlineData("meanChangeCi", -.099988, .004238)]
    [InlineData("sdChange", .062334)]
    [InlineData("srm", -.768037)]
    [InlineData("srmCi", -1.535721, -.449982)]
    [InlineData("srmCiT", -1.545385, .049386)]
    [InlineData("srmJackknifeSe", .207601)]
    [InlineData("pairedT", -2.172338)]
    [InlineData("pairedP", .066388)]
    [InlineData("wilcoxonW", 3.0)]
    [InlineData("wilcoxonP", .039062)]
    [InlineData("meanPercentChange", -2.971697)]
    [InlineData("meanAnnualChange", -.037192)]
    [InlineData("meanAnnualPercent", -2.230394)]
    [InlineData("annualPercentOfMeans", -2.081555)]
    [InlineData("compoundAnnualPercent", -2.256770)]
    [InlineData("srmAnnual", -.995189)]
    [InlineData("lossBySdc", 3.0)]
    [InlineData("stableBySdc", 5.0)]
    [InlineData("gainBySdc", 0.0)]
    public void Eight_knees_with_repeats_give_the_published_formulas(
        string field,
        params double[] expected
    )
    {
        var found = Region(Worked())[field]!;
        double[] values = found is JsonArray pair
            ? [.. pair.Select(end => (double)end!)]
            : [(double)found];
        Assert.Equal(expected.Length, values.Length);
        foreach (var (value, wanted) in values.Zip(expected))
            Assert.Equal(wanted, value, Tolerance);
    }

    [Fact]
    public void Without_repeats_change_stays_and_the_rest_has_a_reason()
    {
        var found = Region(Worked().Where(one => one.Scan == 1));
        Assert.Equal(-.768037, (double)found["srm"]!, Tolerance);
        Assert.Null(found["rmsSd"]);
        Assert.Null(found["icc21Ci"]);
        Assert.Null(found["lossBySdc"]);
        Assert.Contains("two scans", (string?)found["reasons"]!["repeatability"]);
        Assert.Contains("repeated scans", (string?)found["reasons"]!["lossBySdc"]);
    }

    [Fact]
    public void Knees_without_a_repeat_or_a_visit_are_left_out_of_just_that()
    {
        // The first knee is not repeated, the last two are not followed.
        var some = Worked()
            .Where(one => one is not { Subject: "s1", Scan: 2 })
            .Where(one => one.Visit == 0 || one.Subject is not ("s7" or "s8"));
        var report = Report(some);
        var found = report["regions"]![0]!;
        Assert.Equal(
            (8, 7, 6),
            ((int)found["n"]!, (int)found["nRepeats"]!, (int)found["nChange"]!)
        );
        double[] changes = [.. Later.Zip(First, (later, first) => later - first).Take(6)];
        Assert.Equal(changes.Average(), (double)found["meanChange"]!, 1e-12);
        double[] differences = [.. First.Zip(Repeated, (a, b) => a - b).Skip(1)];
        Assert.Equal(
            Math.Sqrt(differences.Average(d => d * d / 2)),
            (double)found["rmsSd"]!,
            1e-12
        );
        Assert.Contains("2 of 8 knees (s7 right, s8 right) have no visit 1", report.ToString());
    }

    [Fact]
    public void A_single_scan_or_visit_gives_no_number_and_no_crash()
    {
        var scan = Region(Worked().Take(1));
        Assert.Contains("visit 0", (string?)scan["reasons"]!["change"]);
        var knee = Region(Worked().Take(4));
        Assert.Equal(-.051, (double)knee["meanChange"]!, 1e-12);
        Assert.Null(knee["sdChange"]);
        Assert.NotNull(knee["reasons"]!["sem"]);
        var followUps = Report(Worked().Where(one => one.Visit == 1));
        Assert.Null(followUps["regions"]![0]!["meanChange"]);
        Assert.Contains("have no baseline", followUps.ToString());
    }

    [Fact]
    public void Three_scans_count_all_in_RMS_and_those_of_every_knee_in_ICC()
    {
        var third = Worked().First() with { Scan = 3, Value = 1.9 };
        var found = Region(Worked().Append(third));
        Assert.Equal(2, (int)found["repeatScans"]!);
        Assert.Equal(.996454, (double)found["icc21"]!, Tolerance);
        double[] variances =
        [
            Variance(1.912, 1.897, 1.9),
            .. First.Zip(Repeated, (a, b) => Variance(a, b)).Skip(1),
        ];
        Assert.Equal(Math.Sqrt(variances.Average()), (double)found["rmsSd"]!, 1e-12);
    }

    [Fact]
    public void Earlier_visits_are_listed_beside_the_last()
    {
        var found = Region(
            Worked()
                .Concat(Worked().Where(one => one.Visit == 1).Select(one => one with { Visit = 2 }))
        );
        Assert.Equal(2, (int)found["followUpVisit"]!);
        Assert.Equal(1, (int)found["earlierVisits"]![0]!["followUpVisit"]!);
        Assert.Equal(-.768037, (double)found["earlierVisits"]![0]!["srm"]!, Tolerance);
    }

    [Fact]
    public void The_bootstrap_keeps_both_knees_of_a_subject_together()
    {
        // Twice the first, twice the second, or with half of the probability both.
        var (first, second, both) = (
            -1.5 / Math.Sqrt(1 / 3.0),
            -3.5 / Math.Sqrt(1 / 3.0),
            -2.5 / Math.Sqrt(5 / 3.0)
        );
        var found = Interval(
            SubjectBootstrap.Srm([
                [-1, -2],
                [-3, -4],
            ])
        );
        Assert.Equal(Math.Min(first, second), found.Low, 1e-12);
        Assert.Equal(both, found.High, 1e-12);
        Assert.Null(
            SubjectBootstrap.Srm([
                [-1, -2],
            ])
        );
        Assert.Null(
            SubjectBootstrap.Srm([
                [-1],
                [-1],
            ])
        );
    }

    [Fact]
    public void Samples_of_one_subject_alone_have_no_spread_but_rounding()
    {
        var random = new Random(3);
        for (var n = 0; n < 100; n++)
        {
            double[][] subjects =
            [
                .. Enumerable.Range(0, 3).Select(_ => new[] { random.NextDouble() - 0.4 }),
            ];
            var found = Interval(SubjectBootstrap.Srm(subjects));
            // Of two values, one of them twice: the largest SRM that has spread.
            var largest = Srms(subjects).Max(Math.Abs);
            Assert.InRange(found.Low, -largest - 1e-9, largest + 1e-9);
            Assert.InRange(found.High, -largest - 1e-9, largest + 1e-9);
        }
        static IEnumerable<double> Srms(double[][] subjects) =>
            from a in subjects
            from b in subjects
            from c in subjects
            where a != b || b != c
            let sample = new[] { a[0], b[0], c[0] }
            select sample.Average() / Math.Sqrt(Variance(sample));
    }

    [Fact]
    public void Drawn_samples_agree_with_a_bootstrap_written_here()
    {
        double[] changes = [.. Enumerable.Range(0, 16).Select(i => Math.Sin(7 * i) - .4)];
        var random = new Random(5);
        double[] srms =
        [
            .. Enumerable
                .Range(0, 20_000)
                .Select(_ =>
                {
                    double[] sample = random.GetItems(changes, changes.Length);
                    return sample.Average() / Math.Sqrt(Variance(sample));
                })
                .Order(),
        ];
        var found = Interval(SubjectBootstrap.Srm([.. changes.Select(change => new[] { change })]));
        Assert.Equal(srms[500], found.Low, .03);
        Assert.Equal(srms[19_500], found.High, .03);
    }

    [Theory]
    [InlineData(1.5, 4)]
    [InlineData(-.3, 60)]
    public void Around_zero_the_noncentral_t_is_Student_s(double t, int freedom) =>
        Assert.Equal(StudentT.CDF(0, 1, freedom, t), NoncentralT.Below(t, freedom, 0), 1e-10);

    [Fact]
    public void Two_readers_of_the_same_scans_agree_as_two_scans_do()
    {
        Measurement Read(Measurement one) =>
            one with
            {
                Scan = 1,
                Reader = one.Scan == 1 ? "reader" : "network",
            };
        var report = Report(Worked().Select(Read));
        var (value, change) = (report["agreement"]![0]!, report["agreement"]![1]!);
        Assert.Equal(("reader", "network"), ((string?)value["first"], (string?)value["second"]));
        Assert.Equal(.996454, (double)value["icc21"]!, Tolerance);
        Assert.Equal(-.002250, (double)value["baBias"]!, Tolerance);
        Assert.Equal("change", (string?)change["of"]);
        double[] byReader = [.. Later.Zip(First, (x, a) => x - a)];
        double[] byNetwork = [.. LaterRepeated.Zip(Repeated, (x, a) => x - a)];
        Assert.Equal(byReader.Average() - byNetwork.Average(), (double)change["baBias"]!, 1e-12);
        Assert.Equal(2, report["regions"]!.AsArray().Count);
    }

    [Fact]
    public void Ordered_values_rank_a_knee_s_subregions_and_sum_its_losses_and_gains()
    {
        double[][] changes =
        [
            [-.12, .03, -.30, -.05, .08, -.02, -.41, -.10],
            [.02, -.04, .05, -.01, .11, -.06, -.03, 0],
            [-.22, -.09, -.15, -.31, -.04, .01, -.18, -.07],
        ];
        var report = LongitudinalReport.Of([
            .. from knee in changes.Index()
            from change in knee.Item.Index()
            from visit in new[] { 0, 1 }
            select new Measurement(
                $"{knee.Index}",
                "left",
                FemorotibialRegions.Medial[change.Index],
                visit,
                1,
                visit,
                2 + visit * change.Item
            ),
            // Their sum and another plate, which must not count.
            .. from knee in new[] { "0", "1", "2" }
            from region in new[] { "MT", "MFTC", "aMF" }
            from visit in new[] { 0, 1 }
            select new Measurement(knee, "left", region, visit, 1, visit, 1 - visit),
        ]);
        AssertNear([-.41, -.06, -.31], report.Knees.Select(knee => knee.All.Values[0]));
        AssertNear([-1.00, -.14, -1.06], report.Knees.Select(knee => knee.All.ThinningScore));
        AssertNear([.11, .18, .01], report.Knees.Select(knee => knee.All.ThickeningScore));
        Assert.Equal(["ccMF", "iMT"], report.Knees[0].Medial!.Regions.Take(2));
        Assert.Null(report.Knees[0].Lateral);
        var ranks = Assert.Single(report.Ranks);
        Assert.Equal(-.26, ranks.Mean[0], Tolerance);
        Assert.Equal(.066667, ranks.Mean[7], Tolerance);
    }

    [Fact]
    public void A_table_is_read_in_any_order_of_columns_and_with_semicolons()
    {
        var read = MeasurementTable.Read(
            Write(
                """
                Value;visit; SUBJECT;knee;"region";note
                1.5;0;a;left;"c ""M"";T";x

                NA;1;a;left;cMT;
                1e0;1;a;right;cMT
                """
            )
        );
        Assert.Equal(
            [
                new Measurement("a", "left", "c \"M\";T", 0, 1, null, 1.5),
                new Measurement("a", "right", "cMT", 1, 1, null, 1),
            ],
            read
        );
    }

    [Theory]
    [InlineData("subject,knee,visit,value\na,left,0,1", "no column region", "")]
    [InlineData("subject,knee,region,visit,value\na,left,r,0,1,2\na,left,r,V1,1", "'V1'", "line 3")]
    [InlineData("subject,knee,region,visit,value\na,left,r,0,1.2 mm", "'1.2 mm'", "line 2")]
    [InlineData("subject,knee,region,visit,value\na,left,,0,1", "region is empty", "line 2")]
    [InlineData("subject,knee,region,visit,value\na,l,r,0,1\na,l,r,0,1", "as in line 2", "line 3")]
    [InlineData("subject,knee,region,visit,value\na,l,r,0,", "no values", "")]
    [InlineData("subject,knee,region,visit,value,knee\n", "two columns 'knee'", "")]
    [InlineData("", "empty", "")]
    public void A_wrong_table_is_refused_by_line(string text, string what, string where)
    {
        var problem = Assert.Throws<ProblemException>(() => MeasurementTable.Read(Write(text)));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(what, problem.What);
        Assert.Contains(where, problem.Where);
    }

    private string Write(string text)
    {
        File.WriteAllText(file, text);
        return file;
    }

    private static void AssertNear(double[] expected, IEnumerable<double> found)
    {
        foreach (var (wanted, value) in expected.Zip(found, (a, b) => (a, b)))
            Assert.Equal(wanted, value, Tolerance);
    }

    private static KneeSeg.Evaluation.Interval Interval(KneeSeg.Evaluation.Interval? found) =>
        found ?? throw new InvalidOperationException("no interval");

    private static double Variance(params double[] values) =>
        values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1);

    private static IEnumerable<Measurement> Worked(string region = "cMF")
    {
        for (var i = 0; i < First.Length; i++)
        {
            Measurement At(int visit, int scan, double value) =>
                new($"s{i + 1}", "right", region, visit, scan, visit * Years[i], value);
            yield return At(0, 1, First[i]);
            yield return At(0, 2, Repeated[i]);
            yield return At(1, 1, Later[i]);
            yield return At(1, 2, LaterRepeated[i]);
        }
    }

    private static JsonObject Region(IEnumerable<Measurement> measurements) =>
        Report(measurements)["regions"]![0]!.AsObject();

    private static JsonObject Report(IEnumerable<Measurement> measurements) =>
        JsonNode.Parse(LongitudinalReport.Of([.. measurements]).ToJson())!.AsObject();
}
