using System.Text.Json.Nodes;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Validation;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Inference.Quality;
using KneeSeg.Runs;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Reasons to look at a prediction.</summary>
public sealed class QualityFlagTests : PredictionWorkshop
{
    private static readonly StructureStatistics Meniscus = new(
        "meniscus",
        Share: 1,
        new(1000, 200, 30),
        new(0.95, 0.02, 30),
        Thickness: null
    );

    [Theory]
    [InlineData(1500, 0.95, "")]
    [InlineData(1650, 0.95, "volume warning")]
    [InlineData(350, 0.95, "volume warning")]
    [InlineData(2100, 0.95, "volume severe")]
    [InlineData(1000, 0.82, "")]
    [InlineData(1000, 0.75, "fragmented warning")]
    [InlineData(300, 0.4, "fragmented severe, volume warning")]
    public void A_structure_is_compared_with_those_of_training(
        double volume,
        double largestPart,
        string flags
    ) => Assert.Equal(flags, Text(StructureRules.Flags(Meniscus, new(volume, largestPart, null))));

    [Fact]
    public void Only_what_training_cases_have_can_be_missing()
    {
        Assert.Equal("missing severe", Text(StructureRules.Flags(Meniscus, null)));
        Assert.Empty(StructureRules.Flags(Meniscus with { Share = 0.5 }, null));
    }

    [Fact]
    public void Thickness_beyond_the_distribution_says_by_how_much()
    {
        var cartilage = Meniscus with { Thickness = new(2, 0.25, 30) };

        var flag = Assert.Single(StructureRules.Flags(cartilage, new(1000, 1, 1.1)));

        Assert.Equal(
            "the thickness of the meniscus is 1.10 mm, 3.6 standard deviations below the training mean of 2.00 mm. Look at its labels, and correct them if they are wrong.",
            $"{flag}"
        );
        // A few cases are no distribution.
        Assert.Empty(
            StructureRules.Flags(cartilage with { Thickness = new(2, 0.25, 4) }, new(1000, 1, 1.1))
        );
    }

    [Fact]
    public void A_few_cases_that_happen_to_be_alike_do_not_make_others_unusual() =>
        Assert.Equal(2, new MeasureDistribution(10, 0.01, 30).Z(12));

    [Fact]
    public void Confidence_is_the_Dice_that_calibrated_probabilities_let_expect()
    {
        // Three voxels: 0.8 and 0.6 of label 1, and 0.3 where it loses.
        float[][] maps =
        [
            [0.2f, 0.4f, 0.7f],
            [0.8f, 0.6f, 0.3f],
        ];

        var plain = new Confidence(2, 1);
        plain.Add(maps, [1, 1, 0]);
        Assert.Equal(2 * 1.4 / (2 + 1.7), plain.ExpectedDice[1]!.Value, 6);

        // A temperature of 2 takes square roots: odds of 4, 1.5 and 3/7 become those of 2, 1.2247 and 0.6547.
        var calibrated = new Confidence(2, 2);
        calibrated.Add(maps, [1, 1, 0]);
        double[] p = [2 / 3.0, 1.224745 / 2.224745, 0.654654 / 1.654654];
        Assert.Equal(2 * (p[0] + p[1]) / (2 + p.Sum()), calibrated.ExpectedDice[1]!.Value, 5);
    }

    [Fact]
    public void A_low_confidence_names_the_structure()
    {
        var flags = Confidence.Flags([1, 0.9, 0.65, 0.3, null], ["background", "a", "b", "c", "d"]);

        Assert.Equal("low-confidence warning, low-confidence severe", Text(flags));
        Assert.Contains("the b: its probabilities imply a Dice of about 0.65", flags.First().What);
        Assert.Empty(Confidence.Flags([], ["background", "a"]));
    }

    [Theory]
    [InlineData(0.7)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void The_temperature_undoes_overconfidence(double temperature)
    {
        // Labels are drawn from p; the network claims p to the power of the temperature, normalized.
        const int voxels = 60_000;
        var random = new Random(1);
        var (reference, claimed) = (new byte[voxels], new float[2][]);
        for (var label = 0; label < 2; label++)
            claimed[label] = new float[voxels];
        for (var i = 0; i < voxels; i++)
        {
            var p = 0.05 + 0.9 * random.NextDouble();
            reference[i] = (byte)(random.NextDouble() < p ? 1 : 0);
            var odds = Math.Pow(p / (1 - p), temperature);
            (claimed[0][i], claimed[1][i]) = ((float)(1 / (1 + odds)), (float)(odds / (1 + odds)));
        }
        var calibration = new TemperatureScaling();
        calibration.Add(
            new SliceRange(0, 1, [.. claimed.Select(map => (ReadOnlyMemory<float>)map)]),
            reference
        );

        Assert.InRange(calibration.Temperature!.Value / temperature, 0.85, 1.15);
    }

    [Fact]
    public void Sides_that_were_repaired_or_could_not_be_are_flagged()
    {
        var profile = LabelSchema.Find("iwoai")!;
        var grid = Grid.Centered(new(50, 10, 10), new(2, 2, 2), "RAS");
        Volume<byte> Plates(params (int From, int To, byte Label)[] bars)
        {
            var labels = new Volume<byte>(grid, new byte[grid.Size.Count]);
            foreach (var (from, to, label) in bars)
                for (var y = 1; y < 4; y++)
                    labels.Voxels.AsSpan(50 * y + from, to - from).Fill(label);
            return labels;
        }
        string Flags(Volume<byte> labels, KneeSide side, bool repaired = false) =>
            Text(
                SideRules.Flags(
                    labels,
                    repaired ? Postprocessing.AnatomyAlone.Apply(labels, profile, side) : [],
                    profile,
                    side
                )
            );
        Volume<byte> Swapped() => Plates((5, 9, 2), (9, 19, 3), (30, 44, 2));

        Assert.Equal("", Flags(Plates((5, 19, 3), (30, 44, 2)), KneeSide.Left));
        Assert.Equal("sides-swapped warning", Flags(Swapped(), KneeSide.Unknown));
        Assert.Equal("sides-relabeled warning", Flags(Swapped(), KneeSide.Left, repaired: true));
        Assert.Equal(
            "sides-swapped severe",
            Flags(Plates((5, 19, 3), (30, 44, 2)), KneeSide.Right, repaired: true)
        );
        Assert.Equal(
            "sides-unclear severe",
            Flags(Plates((5, 19, 2), (30, 44, 2)), KneeSide.Unknown, repaired: true)
        );
        Assert.Equal(
            "sides-connected warning",
            Flags(Plates((5, 24, 3), (24, 44, 2)), KneeSide.Left)
        );
    }

    [Fact]
    public void The_worst_cases_come_first()
    {
        static QualityFlag Flag(FlagSeverity severity) => new("id", severity, "what", "fix");
        QualityFlag warning = Flag(FlagSeverity.Warning),
            severe = Flag(FlagSeverity.Severe);

        var sorted = FlaggedCase.WorstFirst([
            new("none", []),
            new("two", [warning, warning]),
            new("severe", [warning, severe]),
            new("one", [warning]),
        ]);

        Assert.Equal(["severe", "two", "one"], sorted.Select(one => one.Id));
        Assert.Equal([severe, warning], sorted[0].Flags);
    }

    [Fact]
    public void Flags_are_kept_with_predictions_and_told_again()
    {
        // Trained on 6 mm from left to right, and 3 mm down and back.
        var image = Runs.Image(new(20, 18, 18), new(3, 3, 7), "PRS");
        VolumeFile.Write(Path.Combine(Images, "axial.nii"), image);

        var first = Run(Images);
        var again = Run(Images);

        Assert.Equal((3, 3), (first.Predicted, again.Skipped));
        foreach (var summary in new[] { first, again })
        {
            var flagged = Assert.Single(summary.Flagged);
            Assert.Equal(("axial", "spacing warning"), (flagged.Id, Text(flagged.Flags)));
        }
        var cases = JsonNode.Parse(
            File.ReadAllText(Path.Combine(Predictions, "predictions.json"))
        )!["cases"]!.AsObject();
        Assert.Equal("warning", (string?)cases["axial"]!["flags"]![0]!["severity"]);
        // As in folders of earlier versions.
        Assert.False(cases["a"]!.AsObject().ContainsKey("flags"));
        Assert.Equal(
            ["axial"],
            PredictionFolder
                .Flagged([
                    ("a", Path.Combine(Predictions, "a.nii.gz")),
                    ("axial", Path.Combine(Predictions, "axial.nii.gz")),
                    ("other", Path.Combine(Images, "b.nii")),
                ])
                .Select(one => one.Id)
        );
    }

    private static string Text(IEnumerable<QualityFlag> flags) =>
        string.Join(
            ", ",
            flags.Select(flag => $"{flag.Id} {flag.Severity.ToString().ToLowerInvariant()}")
        );
}
