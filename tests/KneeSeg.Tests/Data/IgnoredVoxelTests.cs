using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>Voxels that nobody annotated, from the manifest to the patch.</summary>
public sealed class IgnoredVoxelTests : IDisposable
{
    private const byte Ignored = LabelValue.Ignored;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_manifest_names_the_value_and_is_written_as_it_was_read()
    {
        var dataset = Knees(ignore: 200);
        Assert.Equal((byte)200, dataset.Profile.Ignore);
        Assert.Equal(7, dataset.Profile.Classes);
        Assert.Equal(File.ReadAllText(folder["knees/dataset.json"]), ManifestWriter.Text(dataset));
    }

    [Theory]
    [InlineData("\"ignore\": 6,", "ignore: 6 can't be the ignore label", "from 7 to 255")]
    [InlineData("\"ignore\": 256,", "ignore: 256 can't be the ignore label", "from 7 to 255")]
    [InlineData("\"ignore\": 7.5,", "ignore: 7.5 can't be the ignore label", "from 7 to 255")]
    [InlineData("\"ignore\": \"7\",", "ignore: it is not a number", "a number")]
    public void An_invalid_ignore_label_is_refused(string field, string says, string advises) =>
        Problems.Assert(
            ExitCode.Data,
            says,
            advises,
            () => Rewritten("\"mirror\"", field + "\"mirror\"")
        );

    [Fact]
    public void Ignore_among_the_labels_is_refused_rather_than_learned() =>
        Problems.Assert(
            ExitCode.Data,
            "labels[7]: \"ignore\" is listed as a structure",
            "add \"ignore\": 7",
            () => Rewritten("\"medial meniscus\"", "\"medial meniscus\", \"ignore\"")
        );

    [Fact]
    public void Sparse_labels_are_no_error_and_what_is_ignored_is_counted()
    {
        var dataset = Knees(ignore: 9);
        foreach (var one in dataset.Cases)
            Keep(one, 9, slice => slice % 4 == 0);
        var report = DatasetValidation.Run(dataset.Folder);
        Assert.Equal(0, report.Errors);
        Assert.Equal((5 * 16 * 32 * 32, 5 * 12 * 32 * 32), (report.Labeled, report.Ignored));
        Assert.Contains($"\"ignored\": {report.Ignored}", report.ToJson());
    }

    [Fact]
    public void Sizes_of_scribbles_say_nothing_about_the_order_of_labels()
    {
        // Of femoral cartilage, the largest, less is annotated than of the others.
        var dataset = Knees(ignore: 9);
        var labels = dataset.Cases[0].ReadLabels(dataset.Profile);
        for (var i = 0; i < labels.Voxels.Length; i++)
            if (labels.Voxels[i] == 1 && i % 50 != 0)
                labels.Voxels[i] = 9;
        VolumeFile.Write(dataset.Cases[0].Labels!, labels);
        Assert.Empty(DatasetValidation.Run(dataset.Folder).Findings);
    }

    [Fact]
    public void Annotated_background_alone_is_empty_and_nothing_annotated_is_said()
    {
        var dataset = Knees(ignore: 9);
        Paint(dataset.Cases[0], (i, _) => (byte)(i % 2 == 0 ? 0 : 9));
        Paint(dataset.Cases[1], (_, _) => 9);
        var errors = DatasetValidation
            .Run(dataset.Folder)
            .Findings.Where(f => f.Severity == IssueSeverity.Error)
            .Select(f => $"{f.Case}: {f.What}");
        Assert.Equal(
            [
                "knee-0001: the labels are empty",
                "knee-0002: no voxel is annotated: all are ignored",
            ],
            errors
        );
        Problems.Assert(
            ExitCode.Data,
            "no voxel is annotated",
            "Annotate some",
            () => PreprocessedCase.Load(dataset.Cases[1], dataset.Profile, new(new(2, 2, 2)))
        );
    }

    [Fact]
    public void The_mark_is_255_in_memory_and_255_in_a_file_is_unknown_where_the_mark_is_another()
    {
        var dataset = Knees(ignore: 9);
        Paint(dataset.Cases[0], (i, label) => i == 0 ? (byte)9 : label);
        Assert.Equal(Ignored, dataset.Cases[0].ReadLabels(dataset.Profile).Voxels[0]);
        Paint(dataset.Cases[0], (i, label) => i == 0 ? (byte)255 : label);
        Problems.Assert(
            ExitCode.Data,
            "1 voxels have label 255",
            "Correct the labels",
            () => dataset.Cases[0].ReadLabels(dataset.Profile)
        );
    }

    [Fact]
    public void Ignored_voxels_are_in_no_foreground_indices_and_stay_ignored_when_binarized()
    {
        var prepared = Samples.Counting(new(1, 2, 3), "a", [0, 1, Ignored, 2, Ignored, 1], 3);
        Assert.Equal([1, 2], prepared.PresentLabels);
        Assert.Equal(4, prepared.Annotated);
        var one = prepared.Binarized();
        Assert.Equal([0, 1, Ignored, 1, Ignored, 1], one.Labels.ToArray());
        Assert.Equal([1, 3, 5], one.ForegroundIndices[1].ToArray());
    }

    [Fact]
    public void Another_mark_is_another_entry_of_the_cache()
    {
        var dataset = Knees(ignore: 9);
        Paint(dataset.Cases[0], (i, label) => i == 0 ? (byte)9 : label);
        PreprocessedCache cache = new(folder["cache"], 1 << 30);
        PreprocessedCase Load(byte ignore) =>
            cache.Load(
                dataset.Cases[0],
                dataset.Profile with
                {
                    Ignore = ignore,
                },
                new(new(2, 2, 2))
            );
        Assert.Contains(Ignored, Load(9).Labels.ToArray());
        Problems.Assert(ExitCode.Data, "1 voxels have label 9", "Correct", () => Load(10));
        Assert.Single(Directory.GetFiles(folder["cache"]));
    }

    [Theory]
    [InlineData(CropDistribution.Uniform, PatchKind.Volume)]
    [InlineData(CropDistribution.Centered, PatchKind.Volume)]
    [InlineData(CropDistribution.Normal, PatchKind.Slab)]
    public void No_patch_is_without_an_annotated_voxel(CropDistribution law, PatchKind kind)
    {
        // One voxel of 4,000 is annotated, far from the middle, and it is background.
        ModelSize size = new(10, 20, 20);
        var labels = new byte[size.Count];
        labels.AsSpan().Fill(Ignored);
        labels[20 * 20 + 3] = 0;
        var sparse = Samples.Counting(size, "a", labels, 3);
        var rule = Samples.Rule(new(3, 6, 6), kind, foreground: .5) with
        {
            Distribution = law,
            ResampleEmpty = true,
        };
        PatchSampler sampler = new([sparse], rule, 1);
        for (var step = 0; step < 50; step++)
            Assert.Contains((byte)0, sampler.Sample(0, step, 0).Labels);
    }

    [Fact]
    public void Every_annotated_voxel_is_as_likely()
    {
        ModelSize size = new(4, 3, 5);
        var labels = new byte[size.Count];
        labels.AsSpan().Fill(Ignored);
        int[] annotated = [7, 8, 14, 59];
        foreach (var voxel in annotated)
            labels[voxel] = 0;
        var sampler = new PatchSampler(
            [Samples.Counting(size, "a", labels, 2)],
            Samples.Rule(new(1, 1, 1)),
            1
        );
        var counts = Enumerable
            .Range(0, 4000)
            .CountBy(step => (int)sampler.Sample(0, step, 0).Image[0])
            .ToDictionary();
        Assert.Equal(annotated, counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Ignored_voxels_are_not_foreground_when_empty_patches_are_resampled()
    {
        // Tissue at one end; every other voxel of the rest is ignored, so no patch is without one.
        ModelSize size = new(1, 1, 40);
        byte[] labels =
        [
            .. Enumerable
                .Range(0, 40)
                .Select(i =>
                    i < 8 ? (byte)1
                    : i % 2 == 0 ? (byte)0
                    : Ignored
                ),
        ];
        var sparse = Samples.Counting(size, "a", labels, 2);
        int Found(bool skip)
        {
            var rule = Samples.Rule(new(1, 1, 4)) with { ResampleEmpty = skip };
            PatchSampler sampler = new([sparse], rule, 1);
            return Enumerable
                .Range(0, 400)
                .Count(step => sampler.Sample(0, step, 0).Labels.Contains((byte)1));
        }
        Assert.True(Found(skip: true) > 1.5 * Found(skip: false));
    }

    [Fact]
    public void Ignored_voxels_have_no_vote_on_labels_that_are_resampled()
    {
        // Along a row: cartilage, background, two voxels that nobody annotated.
        var from = Grid.Centered(new(4, 1, 1), new(1, 1, 1), "RAS");
        Volume<byte> labels = new(from, [1, 0, Ignored, Ignored]);
        var to = from.WithSpacing(new(.25, 1, 1));
        Assert.Equal(
            "1 1 1 1 0 0 0 0 i i i i i i i i".Split(' '),
            Resampler.OneHotLinear(labels, to).Voxels.Select(v => v == Ignored ? "i" : $"{v}")
        );
        // Weights 0.3 and 0.3 of two labels beside 0.4 of what is ignored: ignored voxels are the largest part, and lose.
        Volume<byte> corner = new(
            Grid.Centered(new(2, 2, 1), new(1, 1, 1), "RAS"),
            [1, Ignored, 2, Ignored]
        );
        var at = corner.Grid with
        {
            Size = new(1, 1, 1),
            Affine = corner.Grid.Affine.WithOrigin(corner.Grid.Affine.Apply(.4, .45, 0)),
        };
        Assert.Equal([(byte)1], Resampler.OneHotLinear(corner, at).Voxels);
    }

    private Dataset Knees(byte? ignore)
    {
        var dataset = PhantomSet.Write(folder["knees"], 5, new ModelSize(16, 32, 32));
        if (ignore is { } value)
            return Rewritten("\"mirror\"", $"\"ignore\": {value},\n  \"mirror\"");
        return dataset;
    }

    private Dataset Rewritten(string now, string then)
    {
        var manifest = folder["knees/dataset.json"];
        if (!File.Exists(manifest))
            PhantomSet.Write(folder["knees"], 5, new ModelSize(16, 32, 32));
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(now, then));
        return DatasetFolder.Open(folder["knees"]);
    }

    private static void Keep(DatasetCase one, byte mark, Func<int, bool> isAnnotated)
    {
        var labels = VolumeFile.ReadLabels(one.Labels!);
        var turned = Orientation.ToModel(labels);
        var plane = turned.Grid.Size.X * turned.Grid.Size.Y;
        VolumeFile.Write(
            one.Labels!,
            turned with
            {
                Voxels =
                [
                    .. turned.Voxels.Select((label, i) => isAnnotated(i / plane) ? label : mark),
                ],
            }
        );
        // The image in the same order of axes.
        VolumeFile.Write(one.Image, Orientation.ToModel(one.ReadImage()));
    }

    private static void Paint(DatasetCase one, Func<int, byte, byte> label)
    {
        var labels = VolumeFile.ReadLabels(one.Labels!);
        VolumeFile.Write(
            one.Labels!,
            labels with
            {
                Voxels = [.. labels.Voxels.Select((value, i) => label(i, value))],
            }
        );
    }
}
