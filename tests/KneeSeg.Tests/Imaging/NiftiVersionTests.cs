using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

/// <summary>NIfTI-2 and pairs of files, which hold the same as a NIfTI-1 file.</summary>
public sealed class NiftiVersionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void NIfTI_2_is_read_in_either_byte_order_zipped_or_not(bool bigEndian, bool zipped)
    {
        var bytes = Nifti2Bytes.Of(bigEndian);
        File.WriteAllBytes(folder["a.nii"], zipped ? NiftiBytes.Zip(bytes) : bytes);
        var read = VolumeFile.ReadImage(folder["a.nii"]);
        Assert.Equal(new(1, 0, 0, -7.25, 0, 2, 0, 0, 0, 0, 3, 0), read.Grid.Affine);
        // Scaled by 2 and 0.5, as the header says.
        Assert.Equal(Enumerable.Range(0, 24).Select(i => 2f * i + 0.5f), read.Voxels);
        Assert.Equal("NIfTI-2", VolumeFile.Inspect(folder["a.nii"]).Format);
    }

    [Fact]
    public void The_qform_of_NIfTI_2_turns_as_its_quaternion_says()
    {
        File.WriteAllBytes(folder["a.nii"], Nifti2Bytes.Of(withQform: true));
        var affine = VolumeFile.ReadImage(folder["a.nii"]).Grid.Affine;
        Assert.Equal(new(-1, 0, 0, 10, 0, -2, 0, 0, 0, 0, 3, 0), affine);
    }

    [Theory]
    [InlineData("a.hdr", "a.img", "a.hdr", false)]
    [InlineData("a.hdr", "a.img", "a.img", false)]
    [InlineData("a.hdr.gz", "a.img.gz", "a.hdr.gz", true)]
    [InlineData("a.hdr.gz", "a.img.gz", "a.img.gz", true)]
    [InlineData("a.hdr", "a.img.gz", "a.hdr", true)]
    public void A_pair_is_read_by_the_name_of_either(
        string header,
        string voxels,
        string given,
        bool zipped
    )
    {
        // A pair's header may end at its 348th byte.
        var bytes = new NiftiBytes().Bytes(344, "ni1\0"u8).Float(108, 0).ToArray()[..348];
        WriteMaybeZipped(header, bytes);
        WriteMaybeZipped(voxels, Nifti2Bytes.Voxels);
        var read = VolumeFile.ReadImage(folder[given]);
        Assert.Equal(Affine.Diagonal(1, 2, 3), read.Grid.Affine);
        Assert.Equal(23, read.Voxels[23]);
        Assert.Equal("NIfTI-1 pair", VolumeFile.Inspect(folder[given]).Format);
        Assert.Equal("a", CaseId.Of(given));

        void WriteMaybeZipped(string name, byte[] content) =>
            File.WriteAllBytes(
                folder[name],
                zipped && name.EndsWith(".gz", StringComparison.Ordinal)
                    ? NiftiBytes.Zip(content)
                    : content
            );
    }

    [Fact]
    public void A_pair_of_NIfTI_2_may_have_its_voxels_further_on()
    {
        var header = Nifti2Bytes.Of(isPair: true);
        BitConverter.GetBytes(16L).CopyTo(header, 168);
        File.WriteAllBytes(folder["a.hdr"], [.. header, 0, 0, 0, 0]);
        File.WriteAllBytes(folder["a.img"], [.. new byte[16], .. Nifti2Bytes.Voxels]);
        Assert.Equal(46.5f, VolumeFile.ReadImage(folder["a.hdr"]).Voxels[23]);
    }

    [Fact]
    public void One_of_a_pair_alone_is_refused_and_the_other_is_named()
    {
        var header = new NiftiBytes().Bytes(344, "ni1\0"u8).Float(108, 0).ToArray();
        File.WriteAllBytes(folder["a.hdr"], header);
        File.WriteAllBytes(folder["b.img"], Nifti2Bytes.Voxels);
        Refused("a.hdr", "a.img is missing");
        Refused("b.img", "b.hdr is missing");
    }

    [Fact]
    public void Voxels_of_a_pair_that_are_cut_short_are_refused()
    {
        File.WriteAllBytes(
            folder["a.hdr"],
            new NiftiBytes().Bytes(344, "ni1\0"u8).Float(108, 0).ToArray()
        );
        File.WriteAllBytes(folder["a.img"], Nifti2Bytes.Voxels[..20]);
        Refused("a.hdr", "need 24 bytes, but it has 20");
    }

    [Fact]
    public void NIfTI_2_sent_in_text_mode_is_recognized_by_its_magic_string()
    {
        var bytes = Nifti2Bytes.Of();
        bytes[8] = (byte)'\n';
        File.WriteAllBytes(folder["a.nii"], bytes);
        Refused("a.nii", "possibly by a transfer in text mode");
    }

    [Fact]
    public void Dimensions_beyond_any_memory_are_refused_before_it_is_taken()
    {
        var bytes = Nifti2Bytes.Of();
        foreach (var axis in new[] { 1, 2, 3 })
            BitConverter.GetBytes(1L << 40).CopyTo(bytes, 16 + 8 * axis);
        File.WriteAllBytes(folder["a.nii"], bytes);
        Refused("a.nii", "more than the");
    }

    private void Refused(string name, string reason)
    {
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder[name]));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(reason, problem.What);
    }
}
