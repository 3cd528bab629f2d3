using System.IO.Compression;
using System.Text;
using FsCheck.Xunit;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

[Properties(Arbitrary = [typeof(Volumes)], MaxTest = 50)]
public sealed class MetaImageTests : IDisposable
{
    private const string Plain = """
        ObjectType = Image
        NDims = 3
        DimSize = 2 3 4
        ElementSpacing = 1 2 3
        ElementType = MET_UCHAR

        """;

    private readonly TemporaryFolder folder = new();
    private readonly List<string> warnings = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Space_is_left_posterior_superior_and_comes_out_as_right_anterior_superior()
    {
        var read = Read(Plain + "Offset = 10 20 30\nTransformMatrix = 1 0 0 0 1 0 0 0 1\n");
        Assert.Equal(new(-1, 0, 0, -10, 0, -2, 0, -20, 0, 0, 3, 30), read.Grid.Affine);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), read.Voxels);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("Offset", "TransformMatrix")]
    [InlineData("Origin", "Orientation")]
    [InlineData("Position", "Rotation")]
    public void The_matrix_is_listed_axis_by_axis_under_any_of_its_names(
        string origin,
        string matrix
    )
    {
        // The first axis runs to posterior, the second to superior, the third to left.
        var read = Read(Plain + $"{origin} = 1 2 3\n{matrix} = 0 1 0 0 0 1 1 0 0\n");
        var affine = read.Grid.Affine;
        Assert.Equal(new Point3(0, -1, 0), affine.Step(0));
        Assert.Equal(new Point3(0, 0, 2), affine.Step(1));
        Assert.Equal(new Point3(-3, 0, 0), affine.Step(2));
        Assert.Equal(new Point3(-1, -2, 3), affine.Origin);
        Assert.Equal("PSL", AxisOrder.Codes(read.Grid.Affine));
    }

    [Theory]
    [InlineData("MET_CHAR", 1)]
    [InlineData("MET_SHORT", 2)]
    [InlineData("MET_USHORT", 2)]
    [InlineData("MET_INT", 4)]
    [InlineData("MET_UINT", 4)]
    [InlineData("MET_LONG", 4)]
    [InlineData("MET_LONG_LONG", 8)]
    [InlineData("MET_ULONG_LONG", 8)]
    public void Whole_numbers_are_read_in_both_byte_orders(string type, int bytes)
    {
        foreach (var bigEndian in new[] { false, true })
        foreach (var key in new[] { "BinaryDataByteOrderMSB", "ElementByteOrderMSB" })
        {
            var voxels = new byte[24 * bytes];
            for (var i = 0; i < 24; i++)
                voxels[i * bytes + (bigEndian ? bytes - 1 : 0)] = (byte)i;
            var header = Plain.Replace("MET_UCHAR", type) + $"{key} = {bigEndian}\n";
            Assert.Equal(
                Enumerable.Range(0, 24).Select(i => (float)i),
                Read(header, voxels).Voxels
            );
        }
    }

    [Theory]
    [InlineData("MET_FLOAT")]
    [InlineData("MET_DOUBLE")]
    public void Floats_are_read(string type)
    {
        byte[] voxels =
        [
            .. Enumerable
                .Range(0, 24)
                .SelectMany(i =>
                    type == "MET_FLOAT"
                        ? BitConverter.GetBytes(i / 4f)
                        : BitConverter.GetBytes(i / 4.0)
                ),
        ];
        Assert.Equal(5.75f, Read(Plain.Replace("MET_UCHAR", type), voxels).Voxels[23]);
    }

    [Fact]
    public void Compressed_voxels_are_zlib_with_or_without_their_size()
    {
        var packed = Packed(Nifti2Bytes.Voxels);
        Assert.Equal(23, Read(Plain + "CompressedData = True\n", packed).Voxels[23]);
        var header = Plain + $"CompressedData = True\nCompressedDataSize = {packed.Length}\n";
        Assert.Equal(23, Read(header, packed).Voxels[23]);
    }

    [Theory]
    [InlineData("HeaderSize = -1\n", 7)]
    [InlineData("HeaderSize = 7\n", 7)]
    [InlineData("", 0)]
    public void Voxels_may_be_in_a_file_beside_behind_a_header_of_its_own(string more, int before)
    {
        File.WriteAllText(folder["a.mhd"], Plain + more + "ElementDataFile = voxels.raw\n");
        File.WriteAllBytes(folder["voxels.raw"], [.. new byte[before], .. Nifti2Bytes.Voxels]);
        Assert.Equal(23, VolumeFile.ReadImage(folder["a.mhd"]).Voxels[23]);
    }

    [Fact]
    public void A_header_written_on_Windows_and_one_slice_are_read()
    {
        var read = Read(
            Plain
                .Replace("NDims = 3", "NDims = 2")
                .Replace("2 3 4", "6 4")
                .Replace("1 2 3", "0.5 0.25")
                .ReplaceLineEndings("\r\n")
        );
        Assert.Equal(new Size3(6, 4, 1), read.Grid.Size);
        Assert.Equal(new Spacing3(0.5, 0.25, 1), read.Grid.Spacing);
    }

    [Fact]
    public void Missing_fields_are_warnings()
    {
        Read(Plain.Replace("ElementSpacing = 1 2 3\n", ""));
        Assert.Contains(warnings, warning => warning.Contains("no spacing; assuming 1 mm"));
        Assert.Contains(warnings, warning => warning.Contains("no orientation"));
    }

    [Property]
    public bool What_is_written_is_read_back_exactly(Grid grid)
    {
        var volume = Volumes.Counting(grid);
        VolumeFile.Write(folder["a.mha"], volume);
        var read = VolumeFile.ReadImage(folder["a.mha"]);
        return read.Grid.Size == grid.Size
            && grid.FarthestCorner(read.Grid.Affine) < 1e-9
            && read.Voxels.SequenceEqual(volume.Voxels.Select(v => (float)v));
    }

    [Fact]
    public void The_orientation_is_named_by_where_axes_come_from_as_MetaImage_does()
    {
        var grid = Grid.Centered(new(2, 3, 4), new(1, 2, 3), "LPS");
        VolumeFile.Write(folder["a.mha"], Volumes.Counting(grid));
        Assert.Contains(
            "AnatomicalOrientation = RAI\n",
            Encoding.ASCII.GetString(File.ReadAllBytes(folder["a.mha"]))
        );
    }

    public static TheoryData<string, string> BadHeaders() =>
        new()
        {
            { "", "not a MetaImage" },
            { "hello", "not a MetaImage" },
            { Plain.Replace("NDims = 3", "NDims = 5"), "5 dimensions" },
            { Plain.Replace("NDims = 3\n", ""), "lacks NDims" },
            { Plain.Replace("2 3 4", "2 3"), "has 2 numbers instead of 3" },
            { Plain.Replace("2 3 4", "2 -3 4"), "DimSize is \"2 -3 4\"" },
            { Plain.Replace("2 3 4", "2 3.5 4"), "DimSize" },
            { Plain.Replace("2 3 4", "NaN 3 4"), "DimSize" },
            { Plain.Replace("2 3 4", "two three four"), "DimSize is \"two three four\"" },
            { Plain.Replace("2 3 4", "2000000 2000000 2000000"), "more than the" },
            { Plain.Replace("2 3 4", "20 30 40"), "need 24,000 bytes, but it has 24" },
            { Plain.Replace("DimSize = 2 3 4\n", ""), "lacks DimSize" },
            { Plain.Replace("1 2 3", "1 0 3"), "singular" },
            { Plain.Replace("1 2 3", "1 -2 3"), "singular" },
            { Plain.Replace("1 2 3", "1 NaN 3"), "singular" },
            { Plain + "TransformMatrix = 1 0 0 1 0 0 0 0 1\n", "singular" },
            { Plain + "TransformMatrix = 1 0 0\n", "has 3 numbers instead of 9" },
            { Plain + "ElementNumberOfChannels = 3\n", "3 volumes" },
            { Plain + "ElementNumberOfChannels = 0\n", "0 channels" },
            { Plain + "BinaryData = False\n", "stored as text" },
            { Plain.Replace("MET_UCHAR", "MET_STRING"), "unsupported type MET_STRING" },
            { Plain.Replace("ElementType = MET_UCHAR\n", ""), "lacks ElementType" },
            { Plain + "HeaderSize = many\n", "HeaderSize is \"many\"" },
            { Plain + "CompressedData = True\n", "compressed stream is damaged" },
        };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_bad_header_is_refused_with_a_reason(string header, string reason)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(header));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(reason, problem.What);
    }

    [Theory]
    [InlineData("/etc/passwd", "outside its folder")]
    [InlineData("../a.raw", "outside its folder")]
    [InlineData("a/../../b.raw", "outside its folder")]
    [InlineData("LIST", "a list of files")]
    [InlineData("slice%03d.raw 1 4 1", "a list of files")]
    [InlineData("missing.raw", "is missing")]
    public void Voxels_elsewhere_are_refused(string dataFile, string reason)
    {
        File.WriteAllText(folder["a.mhd"], Plain + $"ElementDataFile = {dataFile}\n");
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder["a.mhd"]));
        Assert.Contains(reason, problem.What);
        Assert.Equal(folder["a.mhd"], problem.Where);
    }

    [Fact]
    public void Any_damaged_byte_gives_a_volume_or_a_problem_and_nothing_else()
    {
        byte[] good =
        [
            .. Encoding.ASCII.GetBytes(
                Plain + "CompressedData = True\nOffset = 1 2 3\nElementDataFile = LOCAL\n"
            ),
            .. Packed(Nifti2Bytes.Voxels),
        ];
        for (var at = 0; at < good.Length; at++)
            foreach (byte value in "\0\n=9-"u8)
                MayBeRefused("a.mha", [.. good[..at], value, .. good[(at + 1)..]]);
    }

    private void MayBeRefused(string name, byte[] bytes)
    {
        File.WriteAllBytes(folder[name], bytes);
        try
        {
            VolumeFile.ReadImage(folder[name]);
        }
        catch (ProblemException problem)
        {
            Assert.Equal(ExitCode.Data, problem.Exit);
        }
    }

    private Volume<float> Read(string header, byte[]? voxels = null)
    {
        var last = header.Contains("\r\n")
            ? "ElementDataFile = LOCAL\r\n"
            : "ElementDataFile = LOCAL\n";
        var bytes = header is "" or "hello" ? header : header + last;
        File.WriteAllBytes(
            folder["a.mha"],
            [.. Encoding.ASCII.GetBytes(bytes), .. voxels ?? Nifti2Bytes.Voxels]
        );
        return VolumeFile.ReadImage(folder["a.mha"], warn: warnings.Add);
    }

    private static byte[] Packed(byte[] voxels)
    {
        using MemoryStream stream = new();
        using (ZLibStream packing = new(stream, CompressionLevel.Optimal, leaveOpen: true))
            packing.Write(voxels);
        return stream.ToArray();
    }
}
