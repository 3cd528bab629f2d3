using System.Buffers.Binary;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

public sealed class NiftiReadingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> warnings = [];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(256, 1, false)]
    [InlineData(4, 2, false)]
    [InlineData(4, 2, true)]
    [InlineData(512, 2, false)]
    [InlineData(512, 2, true)]
    [InlineData(8, 4, false)]
    [InlineData(8, 4, true)]
    [InlineData(768, 4, true)]
    [InlineData(1024, 8, false)]
    [InlineData(1024, 8, true)]
    [InlineData(1280, 8, true)]
    public void Whole_numbers_of_every_width_and_byte_order_are_read(
        short type,
        int bytes,
        bool bigEndian
    )
    {
        var file = new NiftiBytes(type, (short)(8 * bytes), bigEndian);
        for (byte i = 0; i < 24; i++)
        {
            var value = new byte[bytes];
            value[bigEndian ? ^1 : 0] = i;
            file.Then(value);
        }
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), Read(file.ToArray()).Voxels);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Floats_of_both_widths_are_read(bool bigEndian)
    {
        var single = new NiftiBytes(16, 32, bigEndian);
        var wide = new NiftiBytes(64, 64, bigEndian);
        for (var i = 0; i < 24; i++)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteSingleLittleEndian(bytes, 1.5f * i);
            single.Then(bigEndian ? [.. bytes[..4].Reverse()] : bytes[..4]);
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, 1.5 * i);
            wide.Then(bigEndian ? [.. bytes.Reverse()] : bytes);
        }
        var expected = Enumerable.Range(0, 24).Select(i => 1.5f * i);
        Assert.Equal(expected, Read(single.ToArray()).Voxels);
        Assert.Equal(expected, Read(wide.ToArray()).Voxels);
    }

    [Fact]
    public void Negative_numbers_stay_negative()
    {
        var file = new NiftiBytes(4, 16);
        for (var i = 0; i < 24; i++)
            file.Then(0xFE, 0xFF);
        Assert.Equal(-2, Read(file.ToArray()).Voxels[0]);
    }

    [Fact]
    public void Stored_values_are_scaled_in_double_precision()
    {
        var read = Read(new NiftiBytes().Float(112, 0.1f).Float(116, -3).ThenCounting().ToArray());
        Assert.Equal((float)(23 * (double)0.1f - 3), read.Voxels[23]);
    }

    [Fact]
    public void A_slope_of_zero_means_no_scaling_and_no_intercept()
    {
        var read = Read(new NiftiBytes().Float(112, 0).Float(116, 7).ThenCounting().ToArray());
        Assert.Equal(5, read.Voxels[5]);
        Assert.Empty(warnings);
    }

    [Fact]
    public void The_sform_wins_over_a_qform_elsewhere_and_says_how_far_they_are_apart()
    {
        var read = Read(new NiftiBytes().Short(252, 1).Float(268, 30).ThenCounting().ToArray());
        Assert.Equal(Affine.Diagonal(1, 2, 3), read.Grid.Affine);
        Assert.Contains("30 mm; using the sform", Assert.Single(warnings));
    }

    [Fact]
    public void A_qform_is_read_as_nibabel_reads_it()
    {
        var read = Read(
            new NiftiBytes()
                .Short(254, 0)
                .Short(252, 1)
                .Float(76, -1)
                .Float(80, 0.5f)
                .Float(84, 0.7f)
                .Float(88, 2)
                .Float(256, 0.3f)
                .Float(260, -0.2f)
                .Float(264, 0.5f)
                .Float(268, -12.5f)
                .Float(272, 8.25f)
                .Float(276, 3)
                .ThenCounting()
                .ToArray()
        );
        // nibabel 5.0: Nifti1Header.get_qform()
        double[] expected =
        [
            0.2099999988079071,
            -0.6351805412441233,
            0.029920611226549088,
            -12.5,
            0.3337003877729059,
            0.22399998617172237,
            1.344880982029447,
            8.25,
            0.30748016472756623,
            0.19070833629023762,
            -1.4799999666213983,
            3,
        ];
        var actual = read.Grid.Affine.ToRows().SelectMany(row => row).ToArray();
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-6);
        Assert.Empty(warnings);
    }

    [Fact]
    public void Without_any_orientation_the_pixel_sizes_are_taken_and_it_says_so()
    {
        var read = Read(new NiftiBytes().Short(254, 0).ThenCounting().ToArray());
        Assert.Equal(Affine.Diagonal(1, 2, 3), read.Grid.Affine);
        Assert.Contains("no orientation", Assert.Single(warnings));
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1)]
    [InlineData(3, 0.001)]
    [InlineData(0, 1)]
    public void Lengths_come_out_in_millimeters_whatever_the_unit(byte unit, double scale)
    {
        var read = Read(new NiftiBytes().Bytes(123, unit).Float(292, 10).ThenCounting().ToArray());
        Assert.Equal(3 * scale, read.Grid.Spacing.Z, 1e-9);
        Assert.Equal(10 * scale, read.Grid.Affine.Origin.X, 1e-9);
    }

    [Fact]
    public void Sheared_axes_are_accepted_with_a_warning()
    {
        var read = Read(new NiftiBytes().Float(284, 0.5f).ThenCounting().ToArray());
        Assert.Equal(0.5, read.Grid.Affine.M01);
        Assert.Contains(warnings, warning => warning.Contains("14.04 degrees off right angles"));
    }

    [Fact]
    public void Trailing_dimensions_of_one_are_left_out()
    {
        var read = Read(new NiftiBytes().Dimensions(5, 2, 3, 4, 1, 1).ThenCounting().ToArray());
        Assert.Equal(new Size3(2, 3, 4), read.Grid.Size);
    }

    [Fact]
    public void A_single_slice_is_a_volume_of_one()
    {
        var read = Read(new NiftiBytes().Dimensions(2, 6, 4).ThenCounting().ToArray());
        Assert.Equal(new Size3(6, 4, 1), read.Grid.Size);
    }

    [Fact]
    public void Extensions_and_padding_before_the_voxels_are_skipped()
    {
        var file = new NiftiBytes().Bytes(348, 1).Float(108, 352 + 32 + 16);
        file.Then([32, 0, 0, 0, 6, 0, 0, 0]).Then(new byte[24]).Then(new byte[16]).ThenCounting();
        Assert.Equal(7, Read(file.ToArray()).Voxels[7]);
        Assert.Equal(7, Read(file.Zipped()).Voxels[7]);
    }

    [Fact]
    public void Gzip_is_recognized_by_content_not_by_name()
    {
        File.WriteAllBytes(folder["a.nii"], new NiftiBytes().ThenCounting().Zipped());
        File.WriteAllBytes(folder["b.nii.gz"], new NiftiBytes().ThenCounting().ToArray());
        Assert.Equal(23, VolumeFile.ReadImage(folder["a.nii"]).Voxels[23]);
        Assert.Equal(23, VolumeFile.ReadImage(folder["b.nii.gz"]).Voxels[23]);
    }

    [Theory]
    [InlineData("a.nii", true, "a.nii is compressed although its name does not end in .gz")]
    [InlineData("a.nii.gz", false, "a.nii.gz is not compressed although its name ends in .gz")]
    public void A_name_that_says_otherwise_than_the_bytes_is_a_warning(
        string name,
        bool zipped,
        string warning
    )
    {
        var file = new NiftiBytes().ThenCounting();
        File.WriteAllBytes(folder[name], zipped ? file.Zipped() : file.ToArray());
        VolumeFile.ReadImage(folder[name], warn: warnings.Add);
        Assert.Equal(warning, Assert.Single(warnings));
        warnings.Clear();
        File.WriteAllBytes(folder[name], zipped ? file.ToArray() : file.Zipped());
        VolumeFile.ReadImage(folder[name], warn: warnings.Add);
        Assert.Empty(warnings);
    }

    [Fact]
    public void An_extension_of_no_size_is_skipped_with_a_warning()
    {
        var file = new NiftiBytes().Bytes(348, 1).Float(108, 352 + 32);
        file.Then([0, 0, 0, 0, 6, 0, 0, 0]).Then(new byte[24]).ThenCounting();
        Assert.Equal(7, Read(file.ToArray()).Voxels[7]);
        Assert.Contains("a header extension has size 0", Assert.Single(warnings));
    }

    [Fact]
    public void A_gzip_file_of_several_members_is_one_stream()
    {
        var bytes = new NiftiBytes().ThenCounting().ToArray();
        byte[] members =
        [
            .. NiftiBytes.Zip(bytes.AsSpan(0, 360)),
            .. NiftiBytes.Zip(bytes.AsSpan(360)),
        ];
        Assert.Equal(23, Read(members).Voxels[23]);
    }

    [Fact]
    public void Bytes_after_the_voxels_are_legal_and_mentioned()
    {
        Assert.Equal(23, Read(new NiftiBytes().ThenCounting().Then(1, 2, 3).ToArray()).Voxels[23]);
        Assert.Contains("extra bytes after the voxels", Assert.Single(warnings));
    }

    [Fact]
    public void Values_that_are_not_finite_are_kept_and_counted()
    {
        var file = new NiftiBytes(16, 32);
        for (var i = 0; i < 24; i++)
            file.Then(
                BitConverter.GetBytes(
                    i == 3 ? float.NaN
                    : i == 4 ? float.PositiveInfinity
                    : i
                )
            );
        File.WriteAllBytes(folder["a.nii"], file.ToArray());
        Assert.True(float.IsNaN(VolumeFile.ReadImage(folder["a.nii"]).Voxels[3]));
        Assert.Equal(2, VolumeFile.Inspect(folder["a.nii"]).NonFinite);
    }

    [Fact]
    public void A_slope_may_bring_labels_to_whole_numbers()
    {
        File.WriteAllBytes(
            folder["a.nii"],
            new NiftiBytes().Float(112, 2).ThenCounting().ToArray()
        );
        Assert.Equal(46, VolumeFile.ReadLabels(folder["a.nii"]).Voxels[23]);
    }

    private Volume<float> Read(byte[] bytes)
    {
        File.WriteAllBytes(folder["a.nii"], bytes);
        return VolumeFile.ReadImage(folder["a.nii"], warn: warnings.Add);
    }
}
