using FsCheck.Xunit;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Tests.Imaging;

[Properties(Arbitrary = [typeof(Volumes)], MaxTest = 50)]
public class NiftiRoundTripTests
{
    [Property]
    public bool What_is_written_is_read_back_voxel_for_voxel_and_to_the_last_digit_of_float32(
        Grid grid,
        bool zipped
    )
    {
        using var folder = new TemporaryFolder();
        var path = folder[zipped ? "a.nii.gz" : "a.nii"];
        var volume = Volumes.Counting(grid);
        VolumeFile.Write(path, volume);
        List<string> warnings = [];
        var read = VolumeFile.ReadImage(path, warn: warnings.Add);
        var exact = grid
            .Affine.ToRows()
            .SelectMany(row => row)
            .Select(number => (double)(float)number);
        return read.Grid.Size == grid.Size
            && read.Grid.Affine.ToRows().SelectMany(row => row).SequenceEqual(exact)
            && read.Voxels.SequenceEqual(volume.Voxels.Select(v => (float)v))
            && warnings.Count == 0;
    }

    [Property]
    public bool Labels_are_read_back_as_they_were(Grid grid, byte last)
    {
        using var folder = new TemporaryFolder();
        var labels = new byte[grid.Size.Count];
        labels[^1] = last;
        VolumeFile.Write(folder["a.nii.gz"], new Volume<byte>(grid, labels));
        return VolumeFile.ReadLabels(folder["a.nii.gz"]).Voxels.SequenceEqual(labels);
    }

    [Theory]
    [MemberData(nameof(AllCodes))]
    public void The_qform_of_straight_axes_is_exact_for_readers_that_take_it_alone(string codes)
    {
        using var folder = new TemporaryFolder();
        var grid = Grid.Centered(new(9, 8, 7), new(0.5, 0.75, 2), codes);
        VolumeFile.Write(folder["a.nii"], Volumes.Counting(grid));
        var bytes = File.ReadAllBytes(folder["a.nii"]);
        // No sform: the qform is all there is.
        (bytes[254], bytes[255]) = (0, 0);
        File.WriteAllBytes(folder["a.nii"], bytes);
        var read = VolumeFile.ReadImage(folder["a.nii"]).Grid;
        Assert.True(grid.FarthestCorner(read.Affine) < 1e-5);
    }

    [Fact]
    public void Near_a_half_turn_the_forms_differ_by_rounding_and_nothing_is_said()
    {
        using var folder = new TemporaryFolder();
        // Rotated by 0.04 degrees less than a half turn.
        Affine affine = new(
            -3.113108431536695,
            -0.15249931988530818,
            0.0013309427650511907,
            69.98046874863907,
            -0.2723616960864206,
            1.743075202424592,
            -0.015212745416548046,
            -86.54014549576382,
            0,
            -0.030541711265250626,
            -0.8748667332618396,
            -61.61134562194411
        );
        VolumeFile.Write(folder["a.nii"], Volumes.Counting(new(new(5, 6, 4), affine)));
        VolumeFile.ReadImage(folder["a.nii"], warn: said => Assert.Fail(said));
    }

    public static TheoryData<string> AllCodes() => [.. Volumes.AllCodes];

    [Fact]
    public void The_same_volume_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var volume = Volumes.Counting(Grid.Centered(new(9, 8, 7), new(1, 1, 2), "LPS"));
        VolumeFile.Write(folder["a.nii.gz"], volume);
        VolumeFile.Write(folder["b.nii.gz"], volume);
        Assert.Equal(File.ReadAllBytes(folder["a.nii.gz"]), File.ReadAllBytes(folder["b.nii.gz"]));
    }
}
