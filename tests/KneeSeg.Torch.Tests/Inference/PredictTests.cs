using KneeSeg.Data.Datasets;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class PredictTests : PredictionWorkshop
{
    [Fact]
    public void EachImageOfAFolderGetsLabelsUnderItsName()
    {
        var summary = Run(Images);

        Assert.Equal((2, 0, ExitCode.Done), (summary.Predicted, summary.Skipped, summary.Exit));
        var image = VolumeFile.ReadImage(Path.Combine(Images, "b.nii"));
        var labels = VolumeFile.ReadLabels(Path.Combine(Predictions, "b.nii.gz"));
        Assert.True(labels.Grid.SameAs(image.Grid));
        Assert.Equal(Own.Predict(image).Voxels, labels.Voxels);
    }

    [Fact]
    public void RunningAgainResumes()
    {
        Run(Path.Combine(Images, "a.nii.gz"));

        var summary = Run(Images);

        Assert.Equal((1, 1), (summary.Predicted, summary.Skipped));
    }

    [Fact]
    public void ACorruptPredictionIsMadeAgain()
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
    public void PredictionsOfOtherWeightsAreMadeAgain()
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
    public void ABadImageIsReportedAndTheOthersArePredicted()
    {
        File.WriteAllText(Path.Combine(Images, "a0-bad.nii"), "no volume");

        var summary = Run(Images);

        Assert.Equal((2, ExitCode.Data), (summary.Predicted, summary.Exit));
        Assert.Contains("a0-bad.nii", Assert.Single(summary.Problems).Where);
    }

    [Fact]
    public void OfADatasetTheTestSplitIsPredictedUnderItsIds()
    {
        WriteDataset("iwoai");
        var inputs = PredictionInput.Find([Folder]);

        Assert.Equal(["second"], inputs.Select(input => input.Id));
    }

    [Fact]
    public void ADatasetWithOtherLabelsIsRefused()
    {
        WriteDataset("iwoai");

        var problem = Assert.Throws<ProblemException>(() => Run(Folder));

        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
    }

    [Fact]
    public void AFolderOfPredictionsWithOtherLabelsIsRefused()
    {
        PredictionFolder.Open(Predictions, LabelSchema.Find("iwoai")!);

        Assert.Equal(ExitCode.Checkpoint, Assert.Throws<ProblemException>(() => Run(Images)).Exit);
    }

    [Fact]
    public void AFolderOfPredictionsSaysWhatItsLabelsMean()
    {
        Run(Images);

        Assert.True(PredictionFolder.ProfileOf(Predictions)!.SameOrder(Own.Profile));
        Assert.Null(PredictionFolder.ProfileOf(Images));
    }

    [Fact]
    public void TwoImagesOfOneNameAreRefusedBeforeAnyWork()
    {
        Save("sub/a.nii", 3);

        var problem = Assert.Throws<ProblemException>(() =>
            PredictionInput.Find([Images, Path.Combine(Images, "sub", "a.nii")])
        );

        Assert.Equal(ExitCode.Usage, problem.Exit);
    }

    [Fact]
    public void APredictionNeverOverwritesItsImage()
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
    public void WhatHoldsNoImageIsBadInput(string name)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "empty"));

        var problem = Assert.Throws<ProblemException>(() =>
            PredictionInput.Find([Path.Combine(Folder, name)])
        );

        Assert.Equal(ExitCode.Data, problem.Exit);
    }

    [Fact]
    public void AnOutputThatCannotBeWrittenIsKnownBeforeAnyWork()
    {
        File.WriteAllText(Predictions, "a file, not a folder");

        Assert.Equal(ExitCode.Resources, Assert.Throws<ProblemException>(() => Run(Images)).Exit);
    }

    [Fact]
    public void ProgressEndsWhenAllCasesAreDone()
    {
        var heard = new Listener();

        PredictionJob.Run(Own, PredictionInput.Find([Images]), Predictions, heard);

        Assert.Equal(heard.Reported[^1].Total, heard.Reported[^1].Done);
        Assert.Equal(["a", "b"], heard.Reported.Select(progress => progress.Detail).Distinct());
    }
}
