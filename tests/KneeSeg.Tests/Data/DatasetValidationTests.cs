using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class DatasetValidationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dataset dataset;

    public DatasetValidationTests() =>
        dataset = PhantomSet.Write(folder["knees"], 5, new ModelSize(16, 32, 32));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Phantoms_have_no_finding() => Assert.Empty(Run().Findings);

    [Fact]
    public void All_faults_of_all_cases_are_listed_together_errors_first()
    {
        var cases = dataset.Cases;
        var image = cases[0].ReadImage();
        var voxels = image.Voxels.ToArray();
        voxels[5] = float.NaN;
        VolumeFile.Write(cases[0].Image, image with { Voxels = voxels });
        var labels = cases[1].ReadLabels(dataset.Profile);
        labels.Voxels[7] = 9;
        var moved = labels.Grid.Affine with { M23 = labels.Grid.Affine.M23 + 25 };
        VolumeFile.Write(
            cases[1].Labels!,
            labels with
            {
                Grid = labels.Grid with { Affine = moved },
            }
        );
        VolumeFile.Write(cases[2].Labels!, labels with { Voxels = new byte[labels.Voxels.Length] });
        File.WriteAllText(cases[3].Image, "no image");
        File.Copy(cases[0].Image, cases[4].Image, overwrite: true);

        var report = Run();
        Assert.Equal(
            [
                "Error knee-0002: its grid differs from that of knee-0002.nii.gz: it is 25 mm away at its farthest corner",
                "Error knee-0002: 1 voxels have label 9, but the last label of profile iwoai is 6",
                "Error knee-0003: the labels are empty",
                "Error knee-0005: its image is identical to that of case knee-0001, which is in another split",
                "Warning knee-0001: 1 voxels of the image are not finite, the first at (5, 0, 0)",
                "Warning knee-0005: 1 voxels of the image are not finite, the first at (5, 0, 0)",
            ],
            report.Findings.Where(f => f.Case != "knee-0004" && f.Case != "").Select(Line)
        );
        Assert.Contains(
            report.Findings,
            f => f is { Case: "knee-0004", Severity: IssueSeverity.Error }
        );
    }

    [Fact]
    public void A_missing_file_and_a_divided_subject_are_findings_too()
    {
        var manifest = Path.Combine(dataset.Folder, "dataset.json");
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest)
                .Replace("\"subject\": \"knee-0005\"", "\"subject\": \"knee-0001\"")
        );
        File.Delete(dataset.Cases[1].Image);
        Assert.Equal(
            ["its image file", "subject knee-0001 is in two splits: case knee-0001 in train"],
            Run().Findings.Select(f => f.What).Select((w, i) => w[..new[] { 14, 59 }[i]])
        );
    }

    [Fact]
    public void A_constant_image_an_unusual_spacing_and_an_absent_structure_are_found()
    {
        var image = dataset.Cases[0].ReadImage();
        var coarse = image.Grid.Affine with { M02 = 2 * image.Grid.Affine.M02 };
        var grid = image.Grid with { Affine = coarse };
        var labels = dataset.Cases[0].ReadLabels(dataset.Profile).Voxels;
        VolumeFile.Write(dataset.Cases[0].Image, new Volume<float>(grid, new float[labels.Length]));
        VolumeFile.Write(
            dataset.Cases[0].Labels!,
            new Volume<byte>(grid, Array.ConvertAll(labels, l => l == 4 ? (byte)0 : l))
        );
        Assert.Equal(
            [
                "Error knee-0001: all voxels of the image have the same value",
                "Warning knee-0001: the labels have no patellar cartilage",
                "Warning knee-0001: its spacing 14×4.38×4.38 mm differs by a factor of 2 from the median 7×4.38×4.38 mm",
            ],
            Run().Findings.Select(Line)
        );
    }

    [Fact]
    public void Labels_in_the_order_of_another_profile_are_an_error_that_names_it()
    {
        // iwoai's 1 to 6 as skm-tea numbers the same structures.
        byte[] asSkmTea = [0, 2, 3, 4, 1, 6, 5];
        foreach (var dataCase in dataset.Cases)
        {
            var labels = dataCase.ReadLabels(dataset.Profile);
            VolumeFile.Write(
                dataCase.Labels!,
                labels with
                {
                    Voxels = Array.ConvertAll(labels.Voxels, label => asSkmTea[label]),
                }
            );
        }
        var findings = Run().Findings;
        Assert.Equal(5, findings.Count);
        Assert.All(
            findings,
            finding =>
            {
                Assert.Equal(IssueSeverity.Error, finding.Severity);
                Assert.Contains("with profile iwoai, there is more", finding.What);
                Assert.Contains("with profile skm-tea, everything is consistent", finding.What);
            }
        );
        // Training refuses the same.
        Problems.Assert(
            ExitCode.Data,
            "with profile skm-tea",
            "Set the profile to skm-tea",
            () =>
                PreprocessedDataset.Load(
                    dataset,
                    new Preprocessor(Preprocessor.SpacingFor(dataset))
                )
        );
    }

    [Fact]
    public void A_knee_of_the_other_side_and_a_swapped_pair_are_warnings()
    {
        byte[] swapped = [0, 1, 3, 2, 4, 5, 6];
        var labels = dataset.Cases[0].ReadLabels(dataset.Profile);
        VolumeFile.Write(
            dataset.Cases[0].Labels!,
            labels with
            {
                Voxels = Array.ConvertAll(labels.Voxels, label => swapped[label]),
            }
        );
        var manifest = Path.Combine(dataset.Folder, "dataset.json");
        var (side, other) =
            dataset.Cases[4].Side == KneeSide.Left ? ("left", "right") : ("right", "left");
        var text = File.ReadAllText(manifest);
        var at = text.IndexOf("knee-0005", StringComparison.Ordinal);
        var sideAt = text.IndexOf($"\"{side}\"", at, StringComparison.Ordinal);
        File.WriteAllText(
            manifest,
            text[..sideAt] + $"\"{other}\"" + text[(sideAt + side.Length + 2)..]
        );
        Assert.Equal(
            [
                "Warning knee-0001: the medial tibial cartilage and the medial meniscus are on different sides of the joint",
                $"Warning knee-0005: the medial tibial cartilage is where the lateral one of a {other} knee is",
            ],
            Run().Findings.Select(Line)
        );
    }

    [Fact]
    public void A_label_volume_as_image_a_flat_volume_and_a_wrong_unit_are_found()
    {
        var cases = dataset.Cases;
        File.Copy(cases[0].Labels!, cases[0].Image, overwrite: true);
        var image = cases[1].ReadImage();
        var thousandth = image.Grid.Affine * Affine.Diagonal(.001, .001, .001);
        VolumeFile.Write(cases[1].Image, image with { Grid = new(image.Grid.Size, thousandth) });
        var flat = Grid.Centered(new(1, 32, 32), new(50, 4, 4), "RIP");
        VolumeFile.Write(
            cases[2].Image,
            new Volume<short>(flat, [.. Enumerable.Range(0, 1024).Select(i => (short)i)])
        );
        var lines = Run().Findings.Select(Line).ToArray();
        Assert.Contains(
            "Error knee-0001: its image contains only whole numbers from 0 to 6, like a label volume",
            lines
        );
        Assert.Contains(lines, line => line.StartsWith("Warning knee-0002: it is 0.1 mm long"));
        Assert.Contains("Warning knee-0003: its axis 1 has one voxel", lines);
    }

    [Fact]
    public void Training_refuses_one_volume_for_training_and_validation_under_two_names()
    {
        var (train, validation) = (dataset.Cases[0], dataset.Cases[3]);
        File.Copy(train.Image, validation.Image, overwrite: true);
        File.Copy(train.Labels!, validation.Labels!, overwrite: true);
        var sides = dataset with
        {
            Cases = [.. dataset.Cases.Select(c => c with { Side = KneeSide.Unknown })],
        };
        Problems.Assert(
            ExitCode.Data,
            "cases knee-0001 and knee-0004: their images are identical",
            "Remove one",
            () => PreprocessedDataset.Load(sides, new Preprocessor(Preprocessor.SpacingFor(sides)))
        );
    }

    [Fact]
    public void The_report_is_JSON_for_programs()
    {
        File.Delete(dataset.Cases[1].Image);
        using var json = JsonDocument.Parse(Run().ToJson());
        Assert.Equal(5, json.RootElement.GetProperty("cases").GetInt32());
        Assert.Equal(1, json.RootElement.GetProperty("errors").GetInt32());
        var finding = json.RootElement.GetProperty("findings")[0];
        Assert.Equal("error", finding.GetProperty("severity").GetString());
        Assert.Equal("knee-0002", finding.GetProperty("case").GetString());
    }

    private ValidationReport Run() => DatasetValidation.Run(folder["knees"]);

    private static string Line(ValidationIssue finding) =>
        $"{finding.Severity} {finding.Case}: {finding.What}";
}
