using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class PredictTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;
    private readonly string images;
    private readonly string predictions;
    private readonly Predictor predictor;

    public PredictTests()
    {
        images = Path.Combine(folder, "images");
        predictions = Path.Combine(folder, "predictions");
        predictor = Open("run", seed: 1);
        Save("a.nii.gz", 1);
        Save("b.nii", 2);
    }

    public void Dispose()
    {
        predictor.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void EachImageOfAFolderGetsLabelsUnderItsName()
    {
        var summary = Run(images);

        Assert.Equal((2, 0, ExitCode.Done), (summary.Predicted, summary.Skipped, summary.Exit));
        var image = VolumeFile.ReadImage(Path.Combine(images, "b.nii"));
        var labels = VolumeFile.ReadLabels(Path.Combine(predictions, "b.nii.gz"));
        Assert.True(labels.Grid.SameAs(image.Grid));
        Assert.Equal(predictor.Predict(image).Voxels, labels.Voxels);
    }

    [Fact]
    public void ASecondCallDoesOnlyWhatIsLeft()
    {
        Run(Path.Combine(images, "a.nii.gz"));

        var summary = Run(images);

        Assert.Equal((1, 1), (summary.Predicted, summary.Skipped));
    }

    [Fact]
    public void ATornPredictionIsMadeAgain()
    {
        Run(images);
        var torn = Path.Combine(predictions, "a.nii.gz");
        var whole = File.ReadAllBytes(torn);
        File.WriteAllBytes(torn, whole[..^20]);

        var summary = Run(images);

        Assert.Equal((1, 1), (summary.Predicted, summary.Skipped));
        Assert.Equal(whole, File.ReadAllBytes(torn));
    }

    [Fact]
    public void PredictionsOfOtherWeightsAreMadeAgain()
    {
        Run(images);
        using var other = Open("other", seed: 2);

        var summary = Predict.Files(
            other,
            PredictionInput.Find([images]),
            predictions,
            SilentProgress.Instance
        );

        Assert.Equal((2, 0), (summary.Predicted, summary.Skipped));
    }

    [Fact]
    public void ABadImageIsOneProblemAndTheOthersGoOn()
    {
        File.WriteAllText(Path.Combine(images, "a0-bad.nii"), "no volume");

        var summary = Run(images);

        Assert.Equal((2, ExitCode.Data), (summary.Predicted, summary.Exit));
        Assert.Contains("a0-bad.nii", Assert.Single(summary.Problems).Where);
    }

    [Fact]
    public void OfADatasetTheTestSplitIsPredictedUnderItsIds()
    {
        WriteDataset("iwoai");
        var inputs = PredictionInput.Find([folder]);

        Assert.Equal(["second"], inputs.Select(input => input.Id));
    }

    [Fact]
    public void ADatasetWithOtherLabelsIsRefused()
    {
        WriteDataset("iwoai");

        var problem = Assert.Throws<ProblemException>(() => Run(folder));

        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
    }

    [Fact]
    public void AFolderOfPredictionsWithOtherLabelsIsRefused()
    {
        PredictionFolder.Open(predictions, LabelProfile.Find("iwoai")!);

        Assert.Equal(ExitCode.Checkpoint, Assert.Throws<ProblemException>(() => Run(images)).Exit);
    }

    [Fact]
    public void AFolderOfPredictionsSaysWhatItsLabelsMean()
    {
        Run(images);

        Assert.True(PredictionFolder.ProfileOf(predictions)!.SameOrder(predictor.Profile));
        Assert.Null(PredictionFolder.ProfileOf(images));
    }

    [Fact]
    public void TwoImagesOfOneNameAreRefusedBeforeAnyWork()
    {
        Save("sub/a.nii", 3);

        var problem = Assert.Throws<ProblemException>(() =>
            PredictionInput.Find([images, Path.Combine(images, "sub", "a.nii")])
        );

        Assert.Equal(ExitCode.Usage, problem.Exit);
    }

    [Fact]
    public void APredictionNeverTakesItsImagesPlace()
    {
        var before = File.ReadAllBytes(Path.Combine(images, "a.nii.gz"));

        var problem = Assert.Throws<ProblemException>(() =>
            Predict.Files(
                predictor,
                PredictionInput.Find([images]),
                images,
                SilentProgress.Instance
            )
        );

        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(images, "a.nii.gz")));
    }

    [Theory]
    [InlineData("missing.nii")]
    [InlineData("empty")]
    public void WhatHoldsNoImageIsBadInput(string name)
    {
        Directory.CreateDirectory(Path.Combine(folder, "empty"));

        var problem = Assert.Throws<ProblemException>(() =>
            PredictionInput.Find([Path.Combine(folder, name)])
        );

        Assert.Equal(ExitCode.Data, problem.Exit);
    }

    [Fact]
    public void AnOutputThatCannotBeWrittenIsKnownBeforeAnyWork()
    {
        File.WriteAllText(predictions, "a file, not a folder");

        Assert.Equal(ExitCode.Resources, Assert.Throws<ProblemException>(() => Run(images)).Exit);
    }

    [Fact]
    public void ProgressEndsWhenAllCasesAreDone()
    {
        var heard = new Listener();

        Predict.Files(predictor, PredictionInput.Find([images]), predictions, heard);

        Assert.Equal(heard.Reported[^1].Total, heard.Reported[^1].Done);
        Assert.Equal(["a", "b"], heard.Reported.Select(progress => progress.Detail).Distinct());
    }

    private PredictionSummary Run(string input) =>
        Predict.Files(
            predictor,
            PredictionInput.Find([input]),
            predictions,
            SilentProgress.Instance
        );

    private Predictor Open(string name, long seed) =>
        Predictor.Open(
            Runs.Write(Path.Combine(folder, name), seed: seed).Root,
            Precision.Fp32,
            CPU,
            SilentProgress.Instance
        );

    private void Save(string name, int seed)
    {
        var image = Runs.Image(new(18, 17, 9), new(1, 1, 2), "PIR", seed);
        NiftiWriter.Write(Path.Combine(images, name), image);
    }

    private void WriteDataset(string profile)
    {
        var labels = string.Join(", ", LabelProfile.Find(profile)!.Labels.Select(l => $"\"{l}\""));
        NiftiWriter.Write(
            Path.Combine(folder, "labels.nii"),
            new Volume<byte>(
                Grid.Centred(new(18, 17, 9), new(1, 1, 2), "PIR"),
                new byte[18 * 17 * 9]
            )
        );
        File.WriteAllText(
            Path.Combine(folder, Dataset.ManifestName),
            $$"""
            { "format": 1, "name": "two", "profile": "{{profile}}", "labels": [{{labels}}],
              "mirror": { "axes": [], "swap": [] },
              "cases": [
                { "id": "first", "subject": "1", "side": "right", "split": "train", "image": "images/a.nii.gz", "labels": "labels.nii" },
                { "id": "second", "subject": "2", "side": "right", "split": "test", "image": "images/b.nii" } ] }
            """
        );
    }
}
