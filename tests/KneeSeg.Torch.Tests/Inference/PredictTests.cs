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

    [Fact]
    public void ProbabilitiesUncertaintyAndCropsLieBesideTheLabels()
    {
        Run(images, new PredictionOutput(OutputFormat.MetaImage, true, true, RoiMargin: 2));

        var labels = VolumeFile.ReadLabels(Path.Combine(predictions, "a.mha"));
        var (cartilage, meniscus) = (
            VolumeFile.ReadImage(Path.Combine(predictions, "probabilities", "a-cartilage.mha")),
            VolumeFile.ReadImage(Path.Combine(predictions, "probabilities", "a-meniscus.mha"))
        );
        var uncertainty = VolumeFile.ReadImage(Path.Combine(predictions, "uncertainty", "a.mha"));
        Assert.True(cartilage.Grid.SameAs(labels.Grid) && uncertainty.Grid.SameAs(labels.Grid));
        for (var i = 0; i < labels.Voxels.Length; i++)
        {
            float[] p =
            [
                1 - cartilage.Voxels[i] - meniscus.Voxels[i],
                cartilage.Voxels[i],
                meniscus.Voxels[i],
            ];
            Assert.Equal(p.Max(), p[labels.Voxels[i]], 1e-4);
            var entropy = -p.Where(x => x > 1e-6).Sum(x => x * Math.Log(x)) / Math.Log(3);
            Assert.Equal(entropy, uncertainty.Voxels[i], 1e-3);
        }
        var crop = VolumeFile.ReadLabels(
            Path.Combine(predictions, "roi", "a-labels.npy"),
            new ModelSpacing(2, 1, 1)
        );
        Assert.Equal(
            labels.Voxels.Count(label => label > 0),
            crop.Voxels.Count(label => label > 0)
        );
    }

    [Fact]
    public void AMissingProbabilityMapIsMadeAgain()
    {
        PredictionOutput output = new(Probabilities: true);
        Run(images, output);
        var map = Path.Combine(predictions, "probabilities", "b-meniscus.nii.gz");
        var whole = File.ReadAllBytes(map);
        File.Delete(map);

        var summary = Run(images, output);

        Assert.Equal((1, 1), (summary.Predicted, summary.Skipped));
        Assert.Equal(whole, File.ReadAllBytes(map));
    }

    [Fact]
    public void TheImagesOwnFormatIsKeptWhenAsked()
    {
        Run(images, new PredictionOutput(OutputFormat.Same));

        Assert.True(File.Exists(Path.Combine(predictions, "a.nii.gz")));
        Assert.True(File.Exists(Path.Combine(predictions, "b.nii")));
    }

    [Fact]
    public void OneLineSaysBeforehandWhatItTakes()
    {
        var heard = new Listener();

        Predict.Files(predictor, PredictionInput.Find([images]), predictions, heard);

        Assert.Matches(
            @"^2 images by unet3d\+tiny in 4 windows of 16x16x16: about 1 s, at most \d+ MB of memory$",
            Assert.Single(heard.Said)
        );
    }

    [Fact]
    public void LabelsInPlaceOfAnImageAreAProblem()
    {
        var grid = Grid.Centred(new(18, 17, 9), new(1, 1, 2), "PIR");
        byte[] some = [.. Enumerable.Range(0, (int)grid.Size.Count).Select(i => (byte)(i % 7))];
        NiftiWriter.Write(Path.Combine(images, "labels.nii"), new Volume<byte>(grid, some));

        var problem = Assert.Single(Run(images).Problems);

        Assert.Equal((ExitCode.Data, true), (problem.Exit, problem.What.Contains("as labels do")));
    }

    [Fact]
    public void VoxelsThatAreNotFiniteAreToldAndAnAxisOfOneVoxelIsPredicted()
    {
        var image = Runs.Image(new(18, 1, 9), new(1, 1, 2), "LSP");
        image.Voxels[3] = float.NaN;
        NiftiWriter.Write(Path.Combine(images, "thin.nii"), image);
        var heard = new Listener();

        var summary = Predict.Files(
            predictor,
            PredictionInput.Find([Path.Combine(images, "thin.nii")]),
            predictions,
            heard
        );

        Assert.Equal(1, summary.Predicted);
        Assert.Contains("thin: 1 voxels are not finite and count as the darkest", heard.Said);
        Assert.Equal(
            image.Grid.Size,
            VolumeFile.ReadLabels(Path.Combine(predictions, "thin.nii.gz")).Grid.Size
        );
    }

    [Fact]
    public void AnImageThatShowsNothingIsAProblem()
    {
        var grid = Grid.Centred(new(18, 17, 9), new(1, 1, 2), "PIR");
        var flat = Path.Combine(images, "flat.nii");
        NiftiWriter.Write(flat, new Volume<float>(grid, new float[grid.Size.Count]));

        var summary = Run(images);

        Assert.Equal((2, flat), (summary.Predicted, Assert.Single(summary.Problems).Where));
    }

    [Fact]
    public void WhatPostprocessingDidIsKeptBesideThePredictions()
    {
        var rules = new Postprocessing([new LabelRule("cartilage", MinimumVolume: 1e6)]);

        var summary = Run(images, rules);

        var labels = VolumeFile.ReadLabels(Path.Combine(predictions, "a.nii.gz"));
        Assert.DoesNotContain((byte)1, labels.Voxels);
        Assert.Contains(summary.Changes, change => change.Label == "cartilage");
        Assert.Contains(
            "removed a part",
            File.ReadAllText(Path.Combine(predictions, "predictions.json"))
        );
    }

    [Fact]
    public void MoreMemoryThanThereIsIsRefusedBeforeAnyWork()
    {
        using var small = Open("small", seed: 1, new PredictionMode(Memory: 1_000_000));

        var problem = Assert.Throws<ProblemException>(() =>
            Predict.Files(
                small,
                PredictionInput.Find([images]),
                predictions,
                SilentProgress.Instance
            )
        );

        Assert.Equal(ExitCode.Resources, problem.Exit);
    }

    [Fact]
    public void AnEnsembleSaysTheMeanOfItsMembers()
    {
        using var other = Open("other", seed: 2);
        using var both = Predictor.Open(
            [Path.Combine(folder, "run"), Path.Combine(folder, "other")],
            Precision.Fp32,
            CPU,
            SilentProgress.Instance
        );
        var image = VolumeFile.ReadImage(Path.Combine(images, "a.nii.gz"));
        ushort[] Cartilage(Predictor one) =>
            one.Predict(image, new Wanted(true, false)).Probabilities[0].Voxels;

        var mean = Cartilage(both);

        Assert.Equal(
            Cartilage(predictor).Zip(Cartilage(other), (a, b) => (a + b) / 2.0),
            mean.Select(p => (double)p),
            (a, b) => Math.Abs(a - b) <= 1
        );
    }

    [Fact]
    public void AFolderOfRunsIsAnEnsemble()
    {
        Open("folds/fold-1", seed: 1).Dispose();
        Open("folds/fold-2", seed: 2).Dispose();

        var (runs, others) = RunSet.Find([Path.Combine(folder, "folds"), images]);

        Assert.Equal(["fold-1", "fold-2"], runs.Select(Path.GetFileName));
        Assert.Equal([images], others);
    }

    [Fact]
    public void WithoutARunNothingIsPredicted() =>
        Assert.Equal(
            ExitCode.Data,
            Assert.Throws<ProblemException>(() => RunSet.Find([images])).Exit
        );

    private PredictionSummary Run(
        string input,
        PredictionOutput output,
        Postprocessing? rules = null
    ) =>
        Predict.Files(
            predictor,
            new PredictionRequest(
                PredictionInput.Find([input]),
                predictions,
                output,
                rules ?? Postprocessing.None
            ),
            SilentProgress.Instance
        );

    private PredictionSummary Run(string input, Postprocessing rules) =>
        Run(input, new PredictionOutput(), rules);

    private PredictionSummary Run(string input) =>
        Predict.Files(
            predictor,
            PredictionInput.Find([input]),
            predictions,
            SilentProgress.Instance
        );

    private Predictor Open(string name, long seed, PredictionMode? mode = null) =>
        Predictor.Open(
            Runs.Write(Path.Combine(folder, name), seed: seed).Root,
            Precision.Fp32,
            CPU,
            SilentProgress.Instance,
            mode
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
