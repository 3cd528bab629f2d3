using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Phantoms;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class ChannelTests : IDisposable
{
    private static readonly ModelSize Size = new(8, 24, 20);
    private static readonly Preprocessor Plain = new(new(8, 5, 5));

    private readonly TemporaryFolder folder = new();
    private readonly Dataset knees;

    public ChannelTests() =>
        knees = PhantomSet.Write(
            folder["knees"],
            5,
            Size,
            channels: [PhantomContrast.Dess, PhantomContrast.T2]
        );

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_phantom_set_of_two_contrasts_is_read_back_with_their_names()
    {
        var opened = DatasetFolder.Open(folder["knees"]);
        Assert.Equal(["dess", "t2"], opened.Channels);
        Assert.Equal(knees.Cases[2].Images, opened.Cases[2].Images);
        Assert.Equal(0, DatasetValidation.Run(folder["knees"]).Errors);
        // The first contrast is the image of a set without channels.
        var alone = PhantomSet.Write(folder["alone"], 1, Size).Cases[0].ReadImage();
        var both = opened.Cases[0].ReadImages();
        Assert.Equal(alone.Voxels, both[0].Voxels);
        Assert.NotEqual(both[0].Voxels, both[1].Voxels);
    }

    [Fact]
    public void Cases_of_other_channels_are_all_named_in_one_error()
    {
        Manifest(text =>
            text.Replace("\"t2\": \"images/knee-0002-t2", "\"pd\": \"images/knee-0002-t2")
                .Replace("\"dess\": \"images/knee-0004-dess.nii.gz\",", "")
        );
        Problems.Assert(
            ExitCode.Data,
            "cases: the images of 2 cases are not those of the channels: knee-0002 has no t2, pd, which is no channel; knee-0004 has no dess",
            "Give each case dess, t2",
            () => DatasetFolder.Open(folder["knees"])
        );
    }

    [Theory]
    [InlineData("\"channels\": [", "\"chanels\": [", "unknown field \"chanels\"", "channels")]
    [InlineData("\"t2\"\n", "\"dess\"\n", "\"dess\" can't name a channel", "name of its own")]
    [InlineData("\"t2\"\n", "\"a=b\"\n", "\"a=b\" can't name a channel", "without =")]
    [InlineData("\"images\": {", "\"image\": \"a.nii\", \"images\": {", "both", "Keep one")]
    public void Bad_channels_are_refused(string now, string then, string says, string advises)
    {
        Manifest(text => text.Replace(now, then));
        Problems.Assert(ExitCode.Data, says, advises, () => DatasetFolder.Open(folder["knees"]));
    }

    [Fact]
    public void Images_without_a_list_of_channels_ask_for_it()
    {
        Manifest(text => text.Replace("\"channels\": [\n    \"dess\",\n    \"t2\"\n  ],\n", ""));
        Problems.Assert(
            ExitCode.Data,
            "not those of the channels",
            "\"channels\": [\"echo1\", \"echo2\"]",
            () => DatasetFolder.Open(folder["knees"])
        );
    }

    [Fact]
    public void A_missing_channel_and_one_of_another_place_are_found()
    {
        File.Delete(knees.Cases[0].Images[1]);
        var image = VolumeFile.ReadImage(knees.Cases[1].Images[1]);
        var far = image.Grid.Affine.WithOrigin(image.Grid.Affine.Origin + new Point3(0, 0, 500));
        VolumeFile.Write(
            knees.Cases[1].Images[1],
            image with
            {
                Grid = image.Grid with { Affine = far },
            }
        );
        var near = image.Grid.Affine.WithOrigin(image.Grid.Affine.Origin + new Point3(0, 0, 3));
        VolumeFile.Write(
            knees.Cases[2].Images[1],
            VolumeFile.ReadImage(knees.Cases[2].Images[1]) with
            {
                Grid = image.Grid with { Affine = near },
            }
        );
        var found = DatasetValidation
            .Run(folder["knees"])
            .Findings.Select(f => $"{f.Severity} {f.Case}: {f.What}")
            .ToArray();
        Assert.Contains(found, f => f.StartsWith("Error knee-0001: its image file"));
        Assert.Contains(
            found,
            f =>
                f.StartsWith("Error knee-0002")
                && f.EndsWith(
                    "it lies outside the field of view of knee-0002-dess.nii.gz, the first channel"
                )
        );
        Assert.Contains(
            "Warning knee-0003: knee-0003-t2.nii.gz is resampled to the lattice of knee-0003-dess.nii.gz, the first channel: it is 3 mm away at its farthest corner",
            found
        );
    }

    [Fact]
    public void The_fourth_axis_of_a_file_may_be_the_channels()
    {
        var (first, second) = (knees.Cases[0].ReadImages()[0], knees.Cases[0].ReadImages()[1]);
        File.WriteAllBytes(
            folder["knees/both.nii"],
            FourDimensional(first.Grid, [first.Voxels, second.Voxels, first.Voxels])
        );
        Assert.Equal(
            second.Voxels,
            VolumeFile.ReadImage(folder["knees/both.nii"] + "#volume=2").Voxels
        );
        Problems.Assert(
            ExitCode.Data,
            "it has 4 dimensions: 3 volumes",
            "both.nii#volume=1",
            () => VolumeFile.ReadImage(folder["knees/both.nii"])
        );
        Problems.Assert(
            ExitCode.Data,
            "\"volume=4\" is none of its 3 volumes",
            "#volume=3",
            () => VolumeFile.ReadImage(folder["knees/both.nii"] + "#volume=4")
        );
        Assert.Equal("both-volume-2", CaseId.Of(folder["knees/both.nii"] + "#volume=2"));

        // As many volumes as channels, in their order.
        OneCase("""["a", "b"]""");
        Problems.Assert(
            ExitCode.Data,
            "holds 3 volumes, but the dataset has 2 channels",
            "Save one volume for each channel",
            () => DatasetFolder.Open(folder["knees"])
        );
        OneCase("""["a", "b", "c"]""");
        var read = DatasetFolder.Open(folder["knees"]).Cases[0].ReadImages();
        Assert.Equal(
            [first.Voxels, second.Voxels, first.Voxels],
            read.Select(channel => channel.Voxels)
        );

        void OneCase(string channels) =>
            File.WriteAllText(
                folder["knees/dataset.json"],
                $$"""
                { "format": 1, "profile": "iwoai", "channels": {{channels}},
                  "cases": [{ "id": "k", "split": "train", "image": "both.nii", "labels": "labels/knee-0001.nii.gz" }] }
                """
            );
    }

    [Fact]
    public void Nnunet_channels_have_the_names_of_its_manifest_in_the_order_of_their_numbers()
    {
        foreach (var name in (string[])["imagesTr/a_0000", "imagesTr/a_0001", "labelsTr/a"])
            Touch($"nn/{name}.nii.gz");
        Write("""{ "1": "T2", "0": "DESS" }""");
        var dataset = DatasetFolder.Open(folder["nn"]);
        Assert.Equal(["DESS", "T2"], dataset.Channels);
        Assert.Equal(
            ["a_0000.nii.gz", "a_0001.nii.gz"],
            Assert.Single(dataset.Cases).Images.Select(Path.GetFileName)
        );
        Write("""{ "0": "DESS", "1": "T2", "2": "PD" }""");
        Problems.Assert(
            ExitCode.Data,
            "a_0002.nii.gz is missing",
            "Restore",
            () => DatasetFolder.Open(folder["nn"])
        );
        Write("""{ "0": "MRI", "1": "MRI" }""");
        Problems.Assert(
            ExitCode.Data,
            "its channels are MRI, MRI",
            "a name of its own",
            () => DatasetFolder.Open(folder["nn"])
        );

        void Write(string channels) =>
            File.WriteAllText(
                folder["nn/dataset.json"],
                $$"""{ "channel_names": {{channels}}, "labels": { "background": 0, "knee": 1 }, "file_ending": ".nii.gz" }"""
            );
    }

    [Fact]
    public void Channels_are_normalized_each_by_its_rule_and_placed_on_the_first_ones_grid()
    {
        var (first, second) = (knees.Cases[0].ReadImages()[0], knees.Cases[0].ReadImages()[1]);
        // The same image with its axes in another order is the same in world space.
        var turned = Orientation.ToModel(second);
        var both = (
            Plain with
            {
                ByChannel = new([NormalizationMethod.ZScore, NormalizationMethod.Percentiles]),
            }
        ).ApplyToChannels([first, turned]);
        Assert.Equal(
            [
                .. (Plain with { Intensity = NormalizationMethod.ZScore })
                    .Apply(first)
                    .Volume.Voxels,
                .. Plain.Apply(second).Volume.Voxels,
            ],
            both.Volume.Voxels
        );
        // Half as fine and shifted: where it is linear, interpolation is exact.
        Grid fine = new(new(12, 10, 8), Affine.Diagonal(1, 1, 1));
        Grid coarse = new(new(8, 8, 8), Affine.Diagonal(2, 2, 2).WithOrigin(new(-1, -1.5, -2)));
        float[] Ramp(Grid grid) =>
            [
                .. from k in Enumerable.Range(0, grid.Size.Z)
                from j in Enumerable.Range(0, grid.Size.Y)
                from i in Enumerable.Range(0, grid.Size.X)
                let at = grid.Affine.Apply(i, j, k)
                select (float)(at.X + 2 * at.Y + 3 * at.Z),
            ];
        var rule = new Preprocessor(new(1, 1, 1), Intensity: NormalizationMethod.ZScore);
        var placed = rule.ApplyToChannels([new(fine, Ramp(fine)), new(coarse, Ramp(coarse))]);
        foreach (var (one, other) in placed.Channel(0).ToArray().Zip(placed.Channel(1).ToArray()))
            Assert.Equal(one, other, 1e-5);
    }

    [Fact]
    public void The_cache_keeps_all_channels_in_their_order()
    {
        var cache = new PreprocessedCache(folder["cache"], 1 << 30);
        var direct = PreprocessedCase.Load(knees.Cases[0], knees.Profile, Plain);
        Assert.Equal(2, direct.Channels);
        foreach (var _ in Enumerable.Range(0, 2))
            Assert.Equal(
                direct.Image.Span,
                cache.Load(knees.Cases[0], knees.Profile, Plain).Image.Span
            );
        var swapped = knees.Cases[0] with
        {
            Image = knees.Cases[0].Images[1],
            OtherImages = [knees.Cases[0].Image],
        };
        Assert.Equal(
            direct.Channel(0).Span,
            cache.Load(swapped, knees.Profile, Plain).Channel(1).Span
        );
        Assert.Equal(2, Directory.GetFiles(folder["cache"], "*.prepared").Length);
    }

    [Fact]
    public void A_patch_has_all_channels_of_the_same_place()
    {
        var source = Counting(new(9, 10, 12), 2);
        var rule = Samples.Rule(new(4, 5, 6)) with
        {
            Augmentation = new() { Rotation = new(20, .5), Elastic = new(2, .5) },
        };
        var sampler = new PatchSampler([source], rule, seed: 3);
        for (var step = 0; step < 20; step++)
        {
            var patch = sampler.Sample(0, step, 0);
            Assert.Equal(2 * 4 * 5 * 6, patch.Image.Length);
            // The second channel is the first one and 1000, outside too.
            for (var i = 0; i < 120; i++)
                Assert.Equal(patch.Image[i] + 1000, patch.Image[120 + i], 1e-3);
        }
        var batch = sampler.Batch(0, 5, 3);
        Assert.Equal(
            Enumerable.Range(0, 3).SelectMany(n => sampler.Sample(0, 5, n).Image),
            batch.Images
        );
    }

    [Fact]
    public void Intensities_are_augmented_for_each_channel()
    {
        var source = Counting(new(9, 10, 12), 2);
        var rule = Samples.Rule(new(4, 5, 6)) with { Augmentation = new() { Shift = new(.5, 1) } };
        var apart = Enumerable
            .Range(0, 8)
            .Select(step => new PatchSampler([source], rule, 1).Sample(0, step, 0).Image)
            .Select(image => image[120] - image[0] - 1000)
            .ToArray();
        Assert.Equal(8, apart.Distinct().Count());
        // The draws of the first channel are those of an image of one.
        Assert.Equal(
            new PatchSampler([Counting(new(9, 10, 12), 1)], rule, 1).Sample(0, 0, 0).Image,
            new PatchSampler([source], rule, 1).Sample(0, 0, 0).Image[..120]
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_slice_has_its_neighbors_as_channels_and_repeats_the_last(bool transformed)
    {
        ModelSize size = new(4, 6, 5);
        var source = Counting(size, 2);
        var rule = Samples.Rule(new(1, 6, 5), PatchKind.Slice) with
        {
            Slices = 5,
            Mirror = new([ModelAxis.Depth], []),
            // A turn by nothing goes through interpolation.
            Augmentation = transformed ? new() { Elastic = new(1e-9, 1) } : Augmentation.None,
        };
        var seen = new HashSet<(int, bool)>();
        for (var step = 0; step < 40; step++)
        {
            var patch = new PatchSampler([source], rule, 1).Sample(0, step, 0);
            var (middle, mirrored) = (patch.Location.Depth, patch.Location.MirrorDepth);
            seen.Add((middle, mirrored));
            float[] expected =
            [
                .. from channel in Enumerable.Range(0, 2)
                from away in Enumerable.Range(-2, 5)
                let slice = Math.Clamp(middle + (mirrored ? -away : away), 0, 3)
                from pixel in Enumerable.Range(0, 30)
                select 1000f * channel + 30 * slice + pixel,
            ];
            Assert.Equal(300, patch.Image.Length);
            foreach (var (value, other) in expected.Zip(patch.Image))
                Assert.Equal(value, other, 1e-2);
            Assert.Equal(30, patch.Labels.Length);
        }
        Assert.Equal(8, seen.Count);
    }

    private static PreprocessedCase Counting(ModelSize size, int channels)
    {
        var grid = Grid.Centered(new(size.Width, size.Height, size.Depth), new(1, 1, 1), "PIR");
        float[] image =
        [
            .. from channel in Enumerable.Range(0, channels)
            from voxel in Enumerable.Range(0, (int)size.Count)
            select 1000f * channel + voxel,
        ];
        var labels = new byte[size.Count];
        return PreprocessedCase.From("case", new(new(grid, image), 0), new(grid, labels), 2);
    }

    private void Manifest(Func<string, string> change)
    {
        var path = folder["knees/dataset.json"];
        var before = File.ReadAllText(path);
        var after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(path, after);
    }

    private void Touch(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        File.WriteAllText(folder[name], "");
    }

    // NIfTI-1 of float32, by the standard's offsets.
    private static byte[] FourDimensional(Grid grid, float[][] volumes)
    {
        var header = new byte[352];
        void Put(int at, byte[] bytes) => bytes.CopyTo(header, at);
        Put(0, BitConverter.GetBytes(348));
        short[] dimensions =
        [
            4,
            (short)grid.Size.X,
            (short)grid.Size.Y,
            (short)grid.Size.Z,
            (short)volumes.Length,
            1,
            1,
            1,
        ];
        Put(40, [.. dimensions.SelectMany(BitConverter.GetBytes)]);
        Put(70, BitConverter.GetBytes((short)16));
        Put(72, BitConverter.GetBytes((short)32));
        Put(108, BitConverter.GetBytes(352f));
        Put(254, BitConverter.GetBytes((short)1));
        Put(
            280,
            [
                .. grid
                    .Affine.ToRows()
                    .Take(3)
                    .SelectMany(row => row)
                    .SelectMany(value => BitConverter.GetBytes((float)value)),
            ]
        );
        Put(344, "n+1\0"u8.ToArray());
        return [.. header, .. volumes.SelectMany(v => v).SelectMany(BitConverter.GetBytes)];
    }
}
