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

public sealed class PreprocessedDatasetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dataset dataset;

    public PreprocessedDatasetTests() =>
        dataset = PhantomSet.Write(folder["knees"], 5, new(8, 16, 16));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Training_and_validation_cases_are_in_memory_and_test_cases_are_not()
    {
        File.WriteAllText(dataset.Cases[4].Image, "not to be read");
        List<CaseProgress> seen = [];
        var prepared = Load(seen.Add);
        Assert.Equal(["knee-0001", "knee-0002", "knee-0003"], prepared.Train.Select(c => c.Id));
        Assert.Equal(["knee-0004"], prepared.Validation.Select(c => c.Id));
        Assert.Equal(
            Enumerable.Range(0, 4).Select(i => (i, 4)),
            seen.Select(p => (p.Done, p.Total))
        );
        Assert.Equal(new ModelSize(8, 16, 16), prepared.Train[0].Size);
    }

    [Fact]
    public void The_fingerprint_follows_the_voxels_and_not_the_files()
    {
        var fingerprint = Load().Fingerprint();
        var image = dataset.Cases[0].ReadImage();
        VolumeFile.Write(dataset.Cases[0].Image, Orientation.ToModel(image));
        VolumeFile.Write(
            dataset.Cases[0].Labels!,
            Orientation.ToModel(dataset.Cases[0].ReadLabels(dataset.Profile))
        );
        Assert.Equal(fingerprint, Load().Fingerprint());
        image.Voxels[1000] += 1;
        VolumeFile.Write(dataset.Cases[0].Image, Orientation.ToModel(image));
        Assert.NotEqual(fingerprint, Load().Fingerprint());
    }

    [Fact]
    public void Labels_in_another_order_of_axes_are_reoriented_and_reported_once()
    {
        var fingerprint = Load().Fingerprint();
        foreach (var one in dataset.Cases.Take(2))
        {
            var labels = one.ReadLabels(dataset.Profile);
            VolumeFile.Write(
                one.Labels!,
                AxisOrder.Towards(labels.Grid.Affine, "RAS").Apply(labels)
            );
        }
        List<string> said = [];
        var prepared = PreprocessedDataset.Load(
            dataset,
            new(Preprocessor.SpacingFor(dataset)),
            warn: said.Add
        );
        Assert.Equal(fingerprint, prepared.Fingerprint());
        Assert.StartsWith(
            "knee-0001.nii.gz and 1 more file: its axes are RAS",
            Assert.Single(said)
        );

        var finding = DatasetValidation
            .Run(dataset.Folder)
            .Findings.First(f => f.Case == "knee-0002");
        Assert.Equal(IssueSeverity.Warning, finding.Severity);
        Assert.StartsWith("knee-0002.nii.gz: its axes are RAS", finding.What);
    }

    [Fact]
    public void Labels_of_another_shape_are_refused()
    {
        VolumeFile.Write(dataset.Cases[1].Labels!, Phantom.Create(2, new(8, 16, 12)).Labels);
        Problems.Assert(
            ExitCode.Data,
            "its grid differs from that of knee-0002.nii.gz: it has 16×12×8 voxels, not 16×16×8",
            "on the image's own grid",
            () => Load()
        );
    }

    [Fact]
    public void A_label_beyond_the_profile_is_refused()
    {
        var labels = dataset.Cases[1].ReadLabels(dataset.Profile);
        labels.Voxels[9] = 8;
        VolumeFile.Write(dataset.Cases[1].Labels!, labels);
        Problems.Assert(
            ExitCode.Data,
            "1 voxels have label 8, but the last label of profile iwoai is 6",
            "dataset.json",
            () => Load()
        );
    }

    [Fact]
    public void A_dataset_without_training_cases_is_refused()
    {
        var test = PhantomSet.Write(folder["test"], 1, new(4, 4, 4));
        Problems.Assert(
            ExitCode.Data,
            "there are no training cases",
            "split",
            () => Preprocessor.SpacingFor(test)
        );
        Problems.Assert(
            ExitCode.Data,
            "there are no training cases",
            "split",
            () => PreprocessedDataset.Load(test, new(new(1, 1, 1)))
        );
    }

    private PreprocessedDataset Load(Action<CaseProgress>? progress = null) =>
        PreprocessedDataset.Load(
            DatasetFolder.Open(folder["knees"]),
            new Preprocessor(Preprocessor.SpacingFor(dataset)),
            progress
        );
}
