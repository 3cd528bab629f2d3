using System.Text;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

/// <summary>Folders and files as scanners, archives and operating systems leave them.</summary>
[Collection(nameof(FakeConverter))]
public sealed class DicomFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(".DS_Store")]
    [InlineData("._0.dcm")]
    [InlineData("Thumbs.db")]
    [InlineData("desktop.ini")]
    [InlineData("DICOMDIR")]
    [InlineData("0.json")]
    [InlineData("0.XML")]
    public void What_systems_and_exporters_put_beside_slices_is_left_out(string name)
    {
        folder.WriteSlices("series/", []);
        folder.Write($"series/{name}", Encoding.ASCII.GetBytes(new string('x', 300)));
        Assert.True(VolumeFile.IsFolder(folder["series"]));
        Assert.Equal(4, VolumeFile.ReadGrid(folder["series"]).Size.Z);
    }

    [Fact]
    public void Objects_without_an_image_are_left_out_and_images_that_lost_theirs_are_not()
    {
        folder.WriteSlices("series/", []);
        DicomBytes state = new()
        {
            Series = "1.2.8",
            IsImage = false,
            Texts = new() { [0x00080016] = "1.2.840.10008.5.1.4.1.1.11.1" },
        };
        folder.Write("series/a", state);
        Assert.Equal(4, VolumeFile.ReadGrid(folder["series"]).Size.Z);
        folder.Write("series/b", new DicomBytes { IsImage = false });
        Assert.Equal("it holds no image", DicomSamples.Refused(folder["series"]).What);
    }

    [Fact]
    public void A_segmentation_is_refused_by_name()
    {
        folder.WriteSlices("series/", new() { [0x00080016] = "1.2.840.10008.5.1.4.1.1.66.4" });
        Assert.Contains("DICOM segmentation", DicomSamples.Refused(folder["series"]).What);
    }

    [Fact]
    public void A_study_lists_its_series()
    {
        folder.Write("study/DICOMDIR", new byte[300]);
        folder.WriteSlices("study/S1/dess/", new() { [0x0008103E] = "SAG DESS" });
        folder.WriteSlices("study/S2/", new() { [0x0008103E] = "LOC" });
        var problem = DicomSamples.Refused(folder["study"]);
        Assert.Equal(
            "it holds no slices itself but 2 folders of slices: S1/dess (\"SAG DESS\", 4 files), S2 (\"LOC\", 4 files)",
            problem.What
        );
        Assert.Contains(folder["study/S1/dess"], problem.Fix);
        Assert.False(VolumeFile.IsFolder(folder["study"]));
        Assert.Equal(problem.What, VolumeFile.StudyProblem(folder["study"])!.What);
    }

    [Fact]
    public void Nothing_and_nowhere_are_called_so()
    {
        Directory.CreateDirectory(folder["empty"]);
        Assert.Equal("it is an empty folder", DicomSamples.Refused(folder["empty"]).What);
        folder.Write("notes/a.txt", "text"u8.ToArray());
        Assert.Contains("without DICOM images", DicomSamples.Refused(folder["notes"]).What);
        foreach (var path in new[] { "nowhere", "scan.dcm", "empty#echo=1/x", "knee#echo=1" })
            Assert.Equal("no such file or folder", DicomSamples.Refused(folder[path]).What);
        Assert.Contains(
            "the folder of a DICOM series",
            DicomSamples.Refused(folder["notes/a.txt"]).Fix
        );
    }

    [Fact]
    public void A_folder_of_other_volumes_with_a_stray_slice_stays_a_folder_of_volumes()
    {
        folder.WriteSlices("images/", []);
        folder.Write("images/knee.nii.gz", new byte[400]);
        Assert.False(VolumeFile.IsFolder(folder["images"]));
    }

    [Fact]
    public void A_slice_given_alone_points_to_its_folder()
    {
        folder.WriteSlices("series/IM", []);
        var problem = DicomSamples.Refused(folder["series/IM2.dcm"]);
        Assert.Equal("it is one slice of a DICOM series", problem.What);
        Assert.EndsWith(folder["series"], problem.Fix);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.2")]
    public void An_enhanced_file_is_a_volume_by_itself_and_in_its_folder(string syntax)
    {
        DicomBytes file = new() { Syntax = syntax, Frames = [(6, 5), (0, 5), (3, 5)] };
        folder.Write("series/all.dcm", file);
        foreach (var path in new[] { "series", "series/all.dcm" })
        {
            var grid = VolumeFile.ReadGrid(folder[path]);
            Assert.Equal(new Size3(4, 3, 3), grid.Size);
            Assert.Equal(new Spacing3(1, 2, 3), grid.Spacing);
            // The last row of the lowest slice: LPS (-10, -20 + 2 · 2, 0).
            Assert.Equal(new Point3(10, 16, 0), grid.Affine.Origin);
        }
    }

    [Fact]
    public void Echoes_in_one_file_are_counted_though_none_can_be_taken_out()
    {
        DicomBytes file = new() { Frames = [(0, 5), (0, 15), (3, 5), (3, 15)] };
        folder.Write("series/all.dcm", file);
        var problem = DicomSamples.Refused(folder["series"]);
        Assert.Contains("2 images at each of 2 positions", problem.What);
        Assert.Contains("echo time (5 and 15 ms)", problem.What);
        Assert.Contains("by hand", problem.Fix);
        Assert.Contains("share a file", DicomSamples.Refused(folder["series#echo=1"]).What);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.1.99", "deflate-compressed")]
    [InlineData("1.2.840.10008.1.2.4.102", "a video or in an unknown encoding")]
    public void Files_that_no_converter_reads_are_refused_by_name(string syntax, string says)
    {
        var bytes = new DicomBytes { Syntax = syntax }.ToArray();
        // Deflated elements are no elements.
        var header = bytes.AsSpan(0, 132 + 8 + syntax.Length + syntax.Length % 2).ToArray();
        folder.Write("series/a.dcm", [.. header, .. Enumerable.Repeat((byte)0x9c, 400)]);
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadGrid(folder["series"]));
        if (syntax.EndsWith(".99", StringComparison.Ordinal))
            Assert.Contains(says, problem.What);
        folder.Write("series/a.dcm", bytes);
        problem = DicomSamples.Refused(folder["series"]);
        Assert.Contains(says, problem.What);
        Assert.Contains("gdcmconv", problem.Fix);
    }

    [Fact]
    public void Compressed_slices_are_read_where_the_converter_can_and_named_where_it_cannot()
    {
        DicomBytes slice = new()
        {
            Syntax = "1.2.840.10008.1.2.4.80",
            Pieces =
            [
                [1, 2, 3, 4],
            ],
        };
        folder.Write("series/a.dcm", slice);
        using FakeConverter converter = new();
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder["series"]));
        Assert.Contains("JPEG-LS lossless", problem.What);
        Assert.Contains("dcmdjpls", problem.Fix);
        Assert.DoesNotContain("seconds", problem.Message);

        var grid = VolumeFile.ReadGrid(folder["series"]);
        converter.Makes("a", new Volume<float>(grid, [.. Enumerable.Repeat(5f, 12)]));
        Assert.Equal(5, VolumeFile.ReadImage(folder["series"]).Voxels[0]);
    }

    [Fact]
    public void Several_images_compressed_in_one_file_are_refused()
    {
        DicomBytes file = new()
        {
            Syntax = "1.2.840.10008.1.2.5",
            Frames = [(0, 5), (3, 5)],
            Pieces =
            [
                [1, 2],
                [3, 4],
            ],
        };
        folder.Write("series/all.dcm", file);
        Assert.Contains("mixes up", DicomSamples.Refused(folder["series"]).What);
    }

    [Fact]
    public void Compressed_pixels_that_are_cut_are_refused()
    {
        DicomBytes slice = new() { Syntax = "1.2.840.10008.1.2.5", Pieces = [new byte[40]] };
        folder.Write("series/a.dcm", slice.ToArray()[..^12]);
        Assert.Contains("truncated", DicomSamples.Refused(folder["series"]).What);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    public void Old_files_without_a_header_are_read(string syntax)
    {
        var header = 132 + 8 + syntax.Length + syntax.Length % 2;
        for (var k = 0; k < 4; k++)
            folder.Write(
                $"series/{k}",
                new DicomBytes { Syntax = syntax, Z = 3 * k }.ToArray()[header..]
            );
        Assert.Equal(new Size3(4, 3, 4), VolumeFile.ReadGrid(folder["series"]).Size);
    }

    [Fact]
    public void Private_sequences_of_an_unknown_form_are_passed_over()
    {
        for (var k = 0; k < 4; k++)
            folder.Write($"series/{k}", new DicomBytes { WithUnknown = true, Z = 3 * k });
        Assert.Equal(new Size3(4, 3, 4), VolumeFile.ReadGrid(folder["series"]).Size);
    }

    [Fact]
    public void What_is_wrong_with_the_converted_file_is_said_of_the_folder()
    {
        folder.WriteSlices("series/", new() { [0x00282110] = "01" });
        using FakeConverter converter = new();
        var grid = VolumeFile.ReadGrid(folder["series"]);
        converter.Makes("0", DicomSamples.Converted(grid, 0.5f));
        var problem = Assert.Throws<ProblemException>(() =>
            VolumeFile.ReadLabels(folder["series"])
        );
        Assert.Equal(folder["series"], problem.Where);
        Assert.Contains("not labels", problem.What);
        List<string> warnings = [];
        VolumeFile.ReadImage(folder["series"], warn: warnings.Add);
        Assert.Equal(["its pixels were lossily compressed"], warnings);
    }
}
