using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class PhantomSetTests : IDisposable
{
    private static readonly ModelSize Small = new(4, 20, 16);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(VolumeFormat.Nifti)]
    [InlineData(VolumeFormat.MetaImage)]
    [InlineData(VolumeFormat.Iwoai)]
    public void A_set_opens_as_the_dataset_that_writing_gave(VolumeFormat format)
    {
        var written = PhantomSet.Write(folder["knees"], 3, Small, 41, format);
        var opened = DatasetFolder.Open(folder["knees"]);
        Assert.Equal(written.Cases, opened.Cases);
        Assert.Equal(["knee-0041", "knee-0042", "knee-0043"], opened.Cases.Select(c => c.Id));
        Assert.Equal("iwoai", opened.Profile.Name);
        Assert.Equal([ModelAxis.Depth], opened.Mirror.Axes);
        var knee = Phantom.Create(42, Small);
        Assert.Equal(knee.Parameters.Side, opened.Cases[1].Side);
        Assert.Equal(
            Orientation.ToModel(knee.Labels).Voxels,
            Orientation.ToModel(opened.Cases[1].ReadLabels(opened.Profile)).Voxels
        );
        var (drawn, read) = (knee.Image.Grid.Spacing, opened.Cases[1].ReadImage().Grid.Spacing);
        Assert.Equal(drawn.X * drawn.Y * drawn.Z, read.X * read.Y * read.Z, 1e-4);
    }

    [Fact]
    public void A_set_may_label_some_structures_with_values_of_its_own()
    {
        string[] structures = ["patellar cartilage", "femoral cartilage"];
        var dataset = PhantomSet.Write(folder["knees"], 1, Small, 41, structures: structures);
        Assert.Equal(
            ["background", .. structures],
            DatasetFolder.Open(folder["knees"]).Profile.Labels
        );
        byte[] values = [0, 2, 0, 0, 1, 0, 0];
        Assert.Equal(
            Orientation
                .ToModel(Phantom.Create(41, Small).Labels)
                .Voxels.Select(label => values[label]),
            Orientation.ToModel(dataset.Cases[0].ReadLabels(dataset.Profile)).Voxels
        );
        var written = File.GetLastWriteTimeUtc(dataset.Cases[0].Image);
        PhantomSet.Write(folder["knees"], 1, Small, 41, structures: structures);
        Assert.Equal(written, File.GetLastWriteTimeUtc(dataset.Cases[0].Image));
        Problems.Assert(
            ExitCode.Usage,
            "structure \"femur\": phantoms have no such structure",
            "Use femoral cartilage",
            () => PhantomSet.Write(folder["others"], 1, Small, structures: ["femur"])
        );
    }

    [Fact]
    public void A_set_of_another_contrast_has_the_same_labels_and_files_of_its_own()
    {
        var dess = PhantomSet.Write(folder["knees"], 1, Small, 41).Cases[0];
        var set = PhantomSet.Write(folder["knees"], 1, Small, 41, contrast: PhantomContrast.T1);
        var t1 = set.Cases[0];
        Assert.Empty(set.Channels);
        Assert.Equal(
            Phantom.Create(41, Small, PhantomContrast.T1).Image.Voxels.Select(v => (float)v),
            t1.ReadImage().Voxels
        );
        Assert.NotEqual(dess.ReadImage().Voxels, t1.ReadImage().Voxels);
        Assert.Equal(dess.Labels, t1.Labels);
        Problems.Assert(
            ExitCode.Usage,
            "contrast \"pd\": phantoms have no such contrast",
            "Use dess, t2, t1",
            () => PhantomSet.ContrastOf("pd")
        );
    }

    [Theory]
    [InlineData(1, 0, 0, 1)]
    [InlineData(2, 1, 0, 1)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(5, 3, 1, 1)]
    [InlineData(12, 8, 2, 2)]
    public void The_last_fifth_is_for_testing_and_the_fifth_before_for_validation(
        int count,
        int train,
        int validation,
        int test
    )
    {
        var dataset = PhantomSet.Write(folder["knees"], count, new(4, 4, 4));
        var expected = Enumerable
            .Repeat(Split.Train, train)
            .Concat(Enumerable.Repeat(Split.Validation, validation))
            .Concat(Enumerable.Repeat(Split.Test, test));
        Assert.Equal(expected, dataset.Cases.Select(c => c.Split));
    }

    [Fact]
    public void Writing_again_draws_only_what_is_missing_damaged_or_of_another_knee()
    {
        var cases = PhantomSet.Write(folder["knees"], 5, Small).Cases;
        File.Delete(cases[1].Labels!);
        File.WriteAllBytes(cases[2].Image, File.ReadAllBytes(cases[2].Image)[..200]);
        File.Copy(cases[4].Labels!, cases[3].Labels!, overwrite: true);
        foreach (var kept in (DatasetCase[])[cases[0], cases[4]])
            File.SetLastWriteTimeUtc(kept.Image, DateTime.UnixEpoch);

        PhantomSet.Write(folder["knees"], 5, Small);

        Assert.Equal(
            [true, false, false, false, true],
            cases.Select(c => File.GetLastWriteTimeUtc(c.Image) == DateTime.UnixEpoch)
        );
        Assert.All(
            cases.Select((c, i) => (c, i)),
            x =>
                Assert.Equal(
                    Phantom.Create(x.i + 1, Small).Image.Voxels.Sum(v => v),
                    x.c.ReadImage().Voxels.Sum()
                )
        );
    }

    [Fact]
    public void A_set_that_is_interrupted_has_no_manifest_and_is_completed_by_the_same_call()
    {
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            PhantomSet.Write(
                folder["knees"],
                3,
                Small,
                progress: at =>
                {
                    if (at.Done == 1)
                        cancel.Cancel();
                },
                cancel: cancel.Token
            )
        );
        Assert.False(File.Exists(Path.Combine(folder["knees"], "dataset.json")));
        PhantomSet.Write(folder["knees"], 3, Small);
        Assert.Equal(0, DatasetValidation.Run(folder["knees"]).Errors);
    }

    [Fact]
    public void Another_dataset_is_never_overwritten()
    {
        Directory.CreateDirectory(folder["mine"]);
        var manifest = Path.Combine(folder["mine"], "dataset.json");
        File.WriteAllText(manifest, "{}");
        Problems.Assert(
            ExitCode.Resources,
            "another dataset",
            "another folder",
            () => PhantomSet.Write(folder["mine"], 1, Small)
        );
        Assert.Equal("{}", File.ReadAllText(manifest));
    }

    [Fact]
    public void A_folder_that_is_a_file_can_not_be_written()
    {
        File.WriteAllText(folder["file"], "");
        Problems.Assert(
            ExitCode.Resources,
            "can't be written",
            "Choose",
            () => PhantomSet.Write(folder["file"], 1, Small)
        );
    }
}
