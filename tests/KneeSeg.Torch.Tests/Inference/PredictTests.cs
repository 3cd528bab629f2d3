using KneeSeg.Data.Datasets;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class PredictTests : PredictionWorkshop
{
    [Fact]
    public void Each_image_of_a_folder_gets_labels_under_its_name()
    {
        var summary = Run(Images);

        Assert.Equal((2, 0, ExitCode.Done), (summary.Predicted, summary.Skipped, summary.Exit));
        var image = VolumeFile.ReadImage(Path.Combine(Images, "b.nii"));
        var labels = VolumeFile.ReadLabels(Path.Combine(Predictions, "b.nii.gz"));
        Assert.True(labels.Grid.SameAs(image.Grid));
        Assert.Equal(Own.Predict(image).Voxels, labels.Voxels);
    }

    [Fact]
    public void Running_again_resumes()
    {
        Run(Path.Combine(Images, "a.nii.gz"));

        var summary = Run(Images);

        Assert.Equal((1, 1), (summary.Predicted, summary.Skipped));
    }

    [Fact]
    public void A_corrupt_prediction_is_made_again()
    {
        Run(Images);
        var torn = Path.Combine(Predictions, "a.nii.gz");
        var whole = File.ReadAllBytes(torn);
        File.WriteAllBytes(torn, whole[..^20]);

        var summary = Run(Images);

        Assert.Equal((1, 1), (summary.Predicted, summary.Skipped));
        Assert.Equal(whole, File.ReadAllBytes(torn));
    }

    [Fact]
    public void Predictions_of_other_weights_are_made_again()
    {
        Run(Images);
        using var other = Open("other", seed: 2);

        var summary = PredictionJob.Run(
            other,
            PredictionInput.Find([Images]),
            Predictions,
            SilentProgress.Instance
        );

        Assert.Equal((2, 0), (summary.Predicted, summary.Skipped));
    }

    [Fact]
    public void A_bad_image_is_reported_and_the_others_are_predicted()
    {
        File.WriteAllText(Path.Combine(Images, "a0-bad.nii"), "no volume");

        var summary = Run(Images);

        Assert.Equal((2, ExitCode.Data), (summary.Predicted, summary.Exit));
        Assert.Contains("a0-bad.nii", Assert.Single(summary.Problems).Where);
    }

    [Fact]
    public void Of_a_dataset_the_test_split_is_predicted_under_its_ids()
    {
        WriteDataset("iwoai");
        var inputs = PredictionInput.Find([Folder]);

        Assert.Equal(["second"], inputs.Select(input => input.Id));
    }

    [Fact]
    public void A_dataset_with_other_labels_is_refused()
    {
        WriteDataset("iwoai");

        var problem = Assert.Throws<ProblemException>(() => Run(Folder));

        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
    }

    [Fact]
    public void A_folder_of_predictions_with_other_labels_is_refused()
    {
        PredictionFolder.Open(Predictions, LabelSchema.Find("iwoai")!);

        Assert.Equal(ExitCode.Checkpoint, Assert.Throws<ProblemException>(() => Run(Images)).Exit);
    }

    [Fact]
    public void A_folder_of_predictions_says_what_its_labels_mean()
    {
        Run(Images);

        Assert.True(PredictionFolder.ProfileOf(Predictions)!.SameOrder(Own.Profile));
        Assert.Null(PredictionFolder.ProfileOf(Images));
    }

    [Fact]
    public void Two_images_of_one_name_are_refused_before_any_work()
    {
        Save("sub/a.nii", 3);

        var problem = Assert.Throws<ProblemException>(() =>
            PredictionInput.Find([Images, Path.Combine(Images, "sub", "a.nii")])
        );

        Assert.Equal(ExitCode.Usage, problem.Exit);
    }

    [Fact]
    public void A_prediction_never_overwrites_its_image()
    {
        var before = File.ReadAllBytes(Path.Combine(Images, "a.nii.gz"));

        var problem = Assert.Throws<ProblemException>(() =>
            PredictionJob.Run(Own, PredictionInput.Find([Images]), Images, SilentProgress.Instance)
        );

        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(Images, "a.nii.gz")));
    }

    [Theory]
    [InlineData("missing.nii")]
    [InlineData("empty")]
    public void What_holds_no_image_is_bad_input(string name)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "empty"));

        var problem = Assert.Throws<ProblemException>(() =>
            PredictionInput.Find([Path.Combine(Folder, name)])
        );

        Assert.Equal(ExitCode.Data, problem.Exit);
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_known_before_any_work()
    {
        File.WriteAllText(Predictions, "a file, not a folder");

        Assert.Equal(ExitCode.Resources, Assert.Throws<ProblemException>(() => Run(Images)).Exit);
    }

    [Fact]
    public void Progress_ends_when_all_cases_are_done()
    {
        var heard = new Listener();

        PredictionJob.Run(Own, PredictionInput.Find([Images]), Predictions, heard);

        Assert.Equal(heard.Reported[^1].Total, heard.Reported[^1].Done);
        Assert.Equal(["a", "b"], heard.Reported.Select(progress => progress.Detail).Distinct());
    }
}
