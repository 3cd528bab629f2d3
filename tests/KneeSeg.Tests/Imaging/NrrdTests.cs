using System.Text;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using static KneeSeg.Tests.Imaging.NrrdBytes;

namespace KneeSeg.Tests.Imaging;

public sealed class NrrdTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> warnings = [];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("left-posterior-superior", -1, -1)]
    [InlineData("LPS", -1, -1)]
    [InlineData("right-anterior-superior", 1, 1)]
    [InlineData("RAS", 1, 1)]
    [InlineData("left-anterior-superior", -1, 1)]
    public void Space_comes_out_as_right_anterior_superior(string space, int right, int front)
    {
        var read = Read(Plain.Replace("left-posterior-superior", space));
        Assert.Equal(
            new(right, 0, 0, right * 10, 0, front * 2, 0, front * 20, 0, 0, 3, 30),
            read.Grid.Affine
        );
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), read.Voxels);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("scanner-xyz")]
    [InlineData("3D-right-handed")]
    public void A_space_that_is_not_anatomical_is_read_as_by_ITK_with_a_warning(string space)
    {
        var read = Read(Plain.Replace("left-posterior-superior", space));
        Assert.Equal("LPS", AxisOrder.Codes(read.Grid.Affine));
        Assert.Contains("assuming left-posterior-superior", Assert.Single(warnings));
    }

    [Fact]
    public void Directions_are_listed_axis_by_axis()
    {
        // As the first axis runs to posterior, the second to inferior and the third to right.
        var grid = Read(
            Plain.Replace("(1,0,0) (0,2,0) (0,0,3)", "(0, 0.5, 0) (0,0,-0.25) (-0.7,0,0)")
        ).Grid;
        Assert.Equal("PIR", AxisOrder.Codes(grid.Affine));
        Assert.Equal(new Spacing3(0.5, 0.25, 0.7), grid.Spacing);
    }

    [Fact]
    public void Without_a_space_the_spacings_count_and_the_orientation_is_a_warning()
    {
        var grid = Read(
            Plain
                .Replace("space: left-posterior-superior\n", "")
                .Replace("space directions: (1,0,0) (0,2,0) (0,0,3)", "spacings: 1 2 3")
                .Replace("space origin: (10,20,30)\n", "")
        ).Grid;
        Assert.Equal(
            Affine.FromColumns(new(-1, 0, 0), new(0, -2, 0), new(0, 0, 3), default),
            grid.Affine
        );
        Assert.Contains("no orientation", Assert.Single(warnings));
    }

    [Fact]
    public void Lengths_come_out_in_millimeters()
    {
        Assert.Equal(3000, Read(Plain + "space units: \"m\" \"m\" \"m\"\n").Grid.Spacing.Z);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("short", "little", 2)]
    [InlineData("unsigned short", "big", 2)]
    [InlineData("int", "little", 4)]
    [InlineData("uint32", "big", 4)]
    [InlineData("int64_t", "little", 8)]
    [InlineData("unsigned long long int", "big", 8)]
    public void Whole_numbers_are_read_in_both_byte_orders(string type, string endian, int bytes)
    {
        var voxels = new byte[24 * bytes];
        for (var i = 0; i < 24; i++)
            voxels[i * bytes + (endian == "big" ? bytes - 1 : 0)] = (byte)i;
        var header = Plain.Replace("unsigned char", type) + $"endian: {endian}\n";
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), Read(header, voxels).Voxels);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZ")]
    public void Gzipped_voxels_are_unpacked_and_bytes_are_skipped_behind(string encoding)
    {
        var header = Plain.Replace("raw", encoding) + "line skip: 1\nbyte skip: 3\n";
        byte[] packed = NiftiBytes.Zip([9, 9, 9, .. Nifti2Bytes.Voxels]);
        Assert.Equal(23, Read(header, [.. "a line\n"u8, .. packed]).Voxels[23]);
    }

    [Theory]
    [InlineData("data file: voxels.raw\nbyte skip: 2\n", "voxels.raw")]
    [InlineData("datafile: ./my voxels.raw\nbyteskip: -1\n", "my voxels.raw")]
    public void Voxels_may_be_in_a_file_beside(string more, string name)
    {
        // A header by itself need not end in an empty line.
        File.WriteAllText(folder["a.nhdr"], Plain + more);
        File.WriteAllBytes(folder[name], [7, 7, .. Nifti2Bytes.Voxels]);
        Assert.Equal(23, VolumeFile.ReadImage(folder["a.nhdr"]).Voxels[23]);
    }

    [Fact]
    public void A_header_written_on_Windows_is_read_and_a_dimension_of_one_left_out()
    {
        var read = Read(
            Plain
                .Replace("dimension: 3", "dimension: 4")
                .Replace("sizes: ", "sizes: 1 ")
                .Replace("directions: ", "directions: none ")
                .Replace("kinds: ", "kinds: list ")
        );
        Assert.Equal(new Size3(2, 3, 4), read.Grid.Size);
        File.WriteAllBytes(
            folder["b.nrrd"],
            [
                .. Encoding.ASCII.GetBytes(Plain.ReplaceLineEndings("\r\n") + "\r\n"),
                .. Nifti2Bytes.Voxels,
            ]
        );
        Assert.Equal(23, VolumeFile.ReadImage(folder["b.nrrd"]).Voxels[23]);
    }

    public static TheoryData<string, string> BadHeaders() =>
        new()
        {
            { "", "not NRRD" },
            { Plain.Replace("NRRD0004", "NRRD0009"), "\"NRRD0009\" has an unknown version" },
            { Plain + "hello\n", "line \"hello\"" },
            { Plain.Replace("dimension: 3", "dimension: three"), "dimension is \"three\"" },
            { Plain.Replace("2 3 4", "2 3"), "sizes \"2 3\" do not match 3" },
            { Plain.Replace("2 3 4", "2 -3 4"), "sizes \"2 -3 4\"" },
            { Plain.Replace("2 3 4", "2000000 2000000 2000000"), "more than the" },
            { Plain.Replace("2 3 4", "20 30 40"), "need 24,000 bytes, but it has 24" },
            { Plain.Replace("raw", "ascii"), "encoding \"ascii\"" },
            { Plain.Replace("raw", "bzip2"), "encoding \"bzip2\"" },
            { Plain.Replace("raw", "hex"), "encoding \"hex\"" },
            { Plain.Replace("encoding: raw\n", ""), "lacks \"encoding\"" },
            { Plain.Replace("raw", "gzip"), "compressed stream is damaged" },
            { Plain.Replace("unsigned char", "block"), "unsupported type block" },
            { Plain.Replace("unsigned char", "short"), "lacks \"endian\"" },
            { Plain.Replace("(0,2,0)", "(0,2)"), "instead of a vector of three" },
            { Plain.Replace("(0,2,0)", "(2,0,0)"), "singular" },
            { Plain.Replace("(0,2,0)", "(0,nan,0)"), "singular" },
            { Plain.Replace("(0,2,0)", "none"), "3 dimensions, 2 of them spatial" },
            {
                Plain.Replace("left-posterior-superior", "left-posterior-superior-time"),
                "its space \""
            },
            { Plain + "byte skip: -2\n", "byte skip -2" },
            {
                Plain
                    .Replace("dimension: 3", "dimension: 4")
                    .Replace("sizes: ", "sizes: 3 ")
                    .Replace("directions: ", "directions: none ")
                    .Replace("kinds: ", "kinds: RGB-color "),
                "3 values per voxel (RGB-color)"
            },
            { Plain + "data file: /etc/passwd\n", "outside its folder" },
            { Plain + "data file: LIST\na.raw\n", "a list of files" },
            { Plain + "data file: slice%03d.raw 1 4 1\n", "a list of files" },
        };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_bad_header_is_refused_with_a_reason(string header, string reason)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(header));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(reason, problem.What);
        Assert.NotEmpty(problem.Fix);
    }

    [Fact]
    public void Any_damaged_byte_gives_a_volume_or_a_problem_and_nothing_else()
    {
        var good = Of(
            Segmentation("2 3 4", ("a", 1, 0), ("b", 1, 1)).Replace("raw", "gzip"),
            NiftiBytes.Zip([.. Nifti2Bytes.Voxels, .. Nifti2Bytes.Voxels])
        );
        for (var at = 0; at < good.Length; at++)
            foreach (byte value in "\0\n:9-"u8)
            {
                File.WriteAllBytes(folder["a.nrrd"], [.. good[..at], value, .. good[(at + 1)..]]);
                try
                {
                    VolumeFile.ReadLabels(folder["a.nrrd"]);
                }
                catch (ProblemException problem)
                {
                    Assert.Equal(ExitCode.Data, problem.Exit);
                }
            }
    }

    private Volume<float> Read(string header, byte[]? voxels = null)
    {
        File.WriteAllBytes(folder["a.nrrd"], Of(header, voxels ?? Nifti2Bytes.Voxels));
        return VolumeFile.ReadImage(folder["a.nrrd"], warn: warnings.Add);
    }
}
