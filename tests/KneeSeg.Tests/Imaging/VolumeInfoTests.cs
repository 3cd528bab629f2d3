using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Tests.Imaging;

public sealed class VolumeInfoTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_says_what_a_label_volume_is()
    {
        var grid = Grid.Centered(new(2, 3, 4), new(0.5, 0.75, 2), "LPS");
        var labels = new byte[24];
        (labels[3], labels[20]) = (2, 6);
        VolumeFile.Write(folder["a.nii.gz"], new Volume<byte>(grid, labels));
        var info = VolumeFile.Inspect(folder["a.nii.gz"], labels: true);

        Assert.Equal(folder["a.nii.gz"], info.File);
        Assert.Equal("NIfTI-1", info.Format);
        Assert.Equal([2, 3, 4], info.Shape);
        Assert.Equal("uint8", info.Dtype);
        Assert.Equal([0.5, 0.75, 2], info.Spacing!);
        Assert.Equal([-0.5, 0, 0, 0.25], info.Affine![0]);
        Assert.Equal([0, 0, 0, 1], info.Affine![3]);
        Assert.Equal([0, 2, 6], info.Labels!);
        Assert.Equal(0, info.NonFinite);
        Assert.Empty(info.Warnings);
    }

    [Fact]
    public void The_hash_is_of_float32_voxels_whether_read_as_labels_or_as_an_image()
    {
        File.WriteAllBytes(folder["a.nii"], new NiftiBytes().ThenCounting().ToArray());
        // hashlib.sha256(np.arange(24).astype("<f4").tobytes()).hexdigest()
        const string expected = "45a99655901702d55ab6284a18aed6a5e16677181d16c7a7517b68c2ae2c0c7a";
        Assert.Equal(expected, VolumeFile.Inspect(folder["a.nii"]).Sha256);
        Assert.Equal(expected, VolumeFile.Inspect(folder["a.nii"], labels: true).Sha256);
    }
}
