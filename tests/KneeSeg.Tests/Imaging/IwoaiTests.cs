using FsCheck.Xunit;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using PureHDF;

namespace KneeSeg.Tests.Imaging;

[Properties(Arbitrary = [typeof(Volumes)], MaxTest = 30)]
public sealed class IwoaiTests : IDisposable
{
    private static readonly ModelSpacing Spacing = new(0.7, 0.365, 0.4);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Property]
    public bool Labels_and_images_are_read_back_in_the_axes_of_the_files(Grid grid)
    {
        using TemporaryFolder own = new();
        var image = Volumes.Counting(grid);
        var labels = new byte[image.Voxels.Length];
        for (var i = 0; i < labels.Length; i++)
            labels[i] = (byte)(i * 5 % 7);
        IwoaiFile.WriteImage(own["a.im"], new(grid, Array.ConvertAll(image.Voxels, v => (float)v)));
        IwoaiFile.WriteLabels(own["a.seg"], new(grid, labels), structures: 6);

        var readImage = VolumeFile.ReadImage(own["a.im"], Spacing);
        var readLabels = VolumeFile.ReadLabels(own["a.seg"], Spacing);
        var expectedImage = Orientation.ToModel(image).Voxels.Select(v => (float)v);
        var expectedLabels = Orientation.ToModel(new Volume<byte>(grid, labels)).Voxels;
        return readImage.Grid == readLabels.Grid
            && AxisOrder.Codes(readImage.Grid.Affine) == "IPR"
            && Orientation.ToModel(readImage).Voxels.SequenceEqual(expectedImage)
            && Orientation.ToModel(readLabels).Voxels.SequenceEqual(expectedLabels);
    }

    [Fact]
    public void An_array_of_rows_columns_and_slices_becomes_a_volume_of_those_axes()
    {
        // data[h, w, d] = 100 h + 10 w + d
        var data = new float[2, 3, 4];
        for (var h = 0; h < 2; h++)
        for (var w = 0; w < 3; w++)
        for (var d = 0; d < 4; d++)
            data[h, w, d] = 100 * h + 10 * w + d;
        Write("a.im", data);
        var image = VolumeFile.ReadImage(folder["a.im"], Spacing);
        Assert.Equal(new Size3(2, 3, 4), image.Grid.Size);
        Assert.Equal(new Spacing3(0.365, 0.4, 0.7), image.Grid.Spacing);
        Assert.Equal(123, image.Voxels[1 + 2 * (2 + 3 * 3)]);
        // In model orientation the slices are the slowest axis and columns the fastest.
        Assert.Equal([0, 10, 20, 100, 110, 120, 1], Orientation.ToModel(image).Voxels[..7]);
    }

    [Theory]
    [InlineData(typeof(byte))]
    [InlineData(typeof(short))]
    [InlineData(typeof(int))]
    [InlineData(typeof(double))]
    public void A_label_map_of_any_type_is_read(Type type)
    {
        var data = Array.CreateInstance(type, 2, 2, 2);
        data.SetValue(Convert.ChangeType(6, type), 1, 0, 1);
        Write("a.seg", data);
        Assert.Equal([0, 6], VolumeFile.Inspect(folder["a.seg"], labels: true, Spacing).Labels!);
    }

    [Fact]
    public void Where_channels_overlap_the_lowest_is_taken_and_the_voxels_are_counted()
    {
        var data = new byte[1, 1, 3, 6];
        data[0, 0, 0, 2] = data[0, 0, 0, 4] = 1;
        data[0, 0, 1, 5] = 1;
        Write("a.seg", data);
        List<string> warnings = [];
        Assert.Equal(
            [3, 6, 0],
            VolumeFile.ReadLabels(folder["a.seg"], Spacing, warnings.Add).Voxels
        );
        Assert.Contains("1 voxels have several labels", Assert.Single(warnings));
        var problem = Assert.Throws<ProblemException>(() =>
            VolumeFile.ReadLabels(folder["a.seg"], Spacing, overlaps: OverlapRule.Refused)
        );
        Assert.Contains("1 voxels have several labels", problem.What);
    }

    [Fact]
    public void Without_a_spacing_only_the_scans_of_the_challenge_are_known()
    {
        Write("a.im", new float[2, 2, 2]);
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder["a.im"]));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains("its spacing is unknown", problem.What);
        Assert.Contains("dataset.json", problem.Fix);

        var info = VolumeFile.Inspect(folder["a.im"]);
        Assert.Equal([2, 2, 2], info.Shape);
        Assert.Null(info.Spacing);
        Assert.Null(info.Affine);
        Assert.Contains("unknown spacing", Assert.Single(info.Warnings));

        Write("b.seg", new byte[384, 384, 160]);
        List<string> warnings = [];
        var scan = VolumeFile.ReadLabels(folder["b.seg"], warn: warnings.Add);
        Assert.Equal(new Spacing3(0.365, 0.365, 0.7), scan.Grid.Spacing);
        Assert.Contains("assuming 0.7×0.365×0.365 mm", Assert.Single(warnings));
    }

    [Fact]
    public void Big_endian_numbers_are_read()
    {
        // What h5py 3.7 writes for create_dataset("data", data=np.arange(24).reshape(2, 3, 4).astype(">i2")).
        File.Copy(
            Path.Combine(AppContext.BaseDirectory, "Imaging", "big-endian.im"),
            folder["a.im"]
        );
        var image = VolumeFile.ReadImage(folder["a.im"], Spacing);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), image.Voxels.Order());
        Assert.Equal(1, image.Voxels[6]);
    }

    [Fact]
    public void Damaged_and_foreign_files_are_refused()
    {
        Write("good.im", new float[4, 4, 4]);
        var good = File.ReadAllBytes(folder["good.im"]);
        new H5File { ["other"] = new float[2, 2, 2] }.Write(folder["other.im"]);
        new H5File { ["data"] = new H5Group() }.Write(folder["group.im"]);
        new H5File { ["data"] = new[] { "text" } }.Write(folder["text.im"]);
        File.WriteAllBytes(folder["cut.im"], good[..^100]);
        File.WriteAllBytes(folder["junk.im"], new byte[300]);
        File.WriteAllBytes(folder["empty.im"], []);
        Write("flat.im", new float[4, 4]);
        Write(
            "fraction.seg",
            new float[1, 1, 1, 2]
            {
                {
                    {
                        { 0.5f, 0 },
                    },
                },
            }
        );
        foreach (var name in new[] { "other", "group", "text", "cut", "junk", "empty", "flat" })
            AssertRefused(
                () => VolumeFile.ReadImage(folder[$"{name}.im"], Spacing),
                folder[$"{name}.im"]
            );
        AssertRefused(
            () => VolumeFile.ReadLabels(folder["fraction.seg"], Spacing),
            folder["fraction.seg"]
        );
    }

    [Fact]
    public void A_label_beyond_the_channels_is_not_written()
    {
        var labels = new Volume<byte>(Grid.Centered(new(1, 1, 1), new(1, 1, 1), "RAS"), [7]);
        AssertRefused(() => IwoaiFile.WriteLabels(folder["a.seg"], labels, 6), folder["a.seg"]);
        Assert.False(File.Exists(folder["a.seg"]));
    }

    private void Write(string name, Array data) =>
        new H5File { ["data"] = data }.Write(folder[name]);

    private static void AssertRefused(Action read, string path)
    {
        var problem = Assert.Throws<ProblemException>(read);
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Equal(path, problem.Where);
    }
}
