using System.Text.Json;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference.Files;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Predictions of a DICOM series as a DICOM segmentation.</summary>
public sealed class SegmentationTests : PredictionWorkshop
{
    private static readonly PredictionOutput Output = new(OutputFormat.DicomSegmentation);

    [Fact]
    public void A_series_is_predicted_once_and_a_JSON_file_says_what_is_in_it()
    {
        using var folder = new TemporaryFolder();
        using var converter = new FakeConverter();
        folder.WriteIdentified("dess/");
        converter.Makes("0", DicomSamples.Converted(VolumeFile.ReadGrid(folder["dess"])));

        Assert.Equal(1, Run(folder["dess"], Output).Predicted);
        Run(folder["dess"], new PredictionOutput());

        var labels = VolumeFile.ReadLabels(Path.Combine(Predictions, "dess.nii.gz"));
        var segmented = VolumeFile.ReadLabels(
            Path.Combine(Predictions, "dess.dcm"),
            names: Runs.Profile.Labels
        );
        Assert.Equal(labels.Voxels, segmented.Voxels);
        Assert.True(labels.Grid.SameAs(segmented.Grid));
        using var report = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Predictions, "dess.dcm.json"))
        );
        var root = report.RootElement;
        Assert.Equal("1.2.3", root.GetProperty("source").GetProperty("series").GetString());
        Assert.Equal(
            Own.Source.Checkpoint,
            root.GetProperty("algorithm").GetProperty("checkpoint").GetString()
        );
        // Voxels of 1×2×3 mm.
        foreach (var segment in root.GetProperty("segments").EnumerateArray())
            Assert.Equal(
                labels.Voxels.Count(label => label == segment.GetProperty("number").GetInt32())
                    * 0.006,
                segment.GetProperty("volumeMl").GetDouble(),
                1e-6
            );
        Assert.Equal(1, Run(folder["dess"], Output).Skipped);
    }

    [Fact]
    public void An_image_that_is_not_DICOM_is_refused_before_anything_is_predicted()
    {
        var problem = Assert.Throws<ProblemException>(() => Run(Images, Output));

        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.EndsWith("a.nii.gz", problem.Where);
        Assert.Empty(Directory.EnumerateFiles(Predictions, "*.nii.gz"));
    }
}
