using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

[Collection(nameof(FakeConverter))]
public sealed class DicomTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static bool HasConverter =>
        Environment
            .GetEnvironmentVariable("PATH")!
            .Split(Path.PathSeparator)
            .Any(place => File.Exists(Path.Combine(place, "dcm2niix")));

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.2")]
    public void A_whole_series_is_read_or_the_tool_that_is_missing_is_named(string syntax)
    {
        // In an order of names that is not the order of slices.
        foreach (var (name, z) in new[] { ("a", 6.0), ("b", 0), ("c", 9), ("d", 3) })
            Write(
                $"{name}.dcm",
                new()
                {
                    Syntax = syntax,
                    Z = z,
                    WithSequence = true,
                }
            );
        Assert.True(VolumeFile.IsFolder(folder["series"]));
        if (!HasConverter)
        {
            Refused("\"apt install dcm2niix\"", "not installed");
            return;
        }
        var read = VolumeFile.ReadImage(folder["series"]);
        Assert.Equal(new Size3(4, 3, 4), read.Grid.Size);
        // The voxel at the second column, the third row and z of 6 mm, wherever the file has it: LPS (-9, -16, 6).
        var index = read.Grid.Affine.Inverse().Apply(9, 16, 6);
        var at =
            (int)Math.Round(index.X)
            + 4 * ((int)Math.Round(index.Y) + 3 * (int)Math.Round(index.Z));
        Assert.Equal(600 + 4 * 2 + 1, read.Voxels[at]);
    }

    [Fact]
    public void A_missing_slice_is_found_between_its_neighbors()
    {
        foreach (var z in new[] { 0, 3, 9, 12, 15 })
            Write($"{z:00}.dcm", new() { Z = z });
        Refused("missing between", "03.dcm and 09.dcm are 6 mm");
    }

    [Fact]
    public void A_duplicate_slice_is_named()
    {
        foreach (var (name, z) in new[] { ("a", 0), ("b", 3), ("c", 3), ("d", 6), ("e", 9) })
            Write($"{name}.dcm", new() { Z = z });
        Refused("duplicate slice", "b.dcm and c.dcm are 0 mm");
    }

    [Fact]
    public void Two_series_in_a_folder_are_refused()
    {
        Write("a.dcm", new() { Z = 0 });
        Write("b.dcm", new() { Z = 3, Series = "1.2.5" });
        Refused("its own folder", "2 series: a.dcm and b.dcm");
    }

    [Fact]
    public void Another_plane_is_refused()
    {
        Write("a.dcm", new() { Z = 0 });
        Write("b.dcm", new() { Z = 3, Orientation = @"0\1\0\0\0\-1" });
        Refused("localizers", "plane or shape differs from that of a.dcm");
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.70", "JPEG lossless")]
    [InlineData("1.2.840.10008.1.2.4.90", "JPEG 2000 lossless")]
    [InlineData("1.2.840.10008.1.2.5", "RLE")]
    public void Compressed_pixels_are_refused_by_name(string syntax, string name)
    {
        Write("a.dcm", new() { Syntax = syntax });
        Refused("dcmdjpeg", name);
    }

    [Fact]
    public void Cut_pixels_are_refused_with_their_bytes()
    {
        Write("a.dcm", new() { Pixels = 10 });
        Refused("truncated", "need 24 bytes, but it has 10");
    }

    [Fact]
    public void Other_files_among_the_slices_are_refused()
    {
        Write("a.dcm", new());
        File.WriteAllText(folder["series/notes.txt"], "of the patient");
        Refused("slices of one series", "not a DICOM file");
    }

    [Fact]
    public void Any_damaged_byte_gives_a_problem_and_nothing_else()
    {
        var good = new DicomBytes { WithSequence = true }.ToArray();
        for (var at = 128; at < good.Length - 24; at++)
        {
            byte[] bad = [.. good];
            bad[at] ^= 0xff;
            Directory.CreateDirectory(folder["series"]);
            // A second slice of another series keeps the converter out of it.
            Write("b.dcm", new() { Series = "1.9" });
            File.WriteAllBytes(folder["series/a.dcm"], bad);
            Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder["series"]));
        }
    }

    private void Write(string name, DicomBytes slice)
    {
        Directory.CreateDirectory(folder["series"]);
        File.WriteAllBytes(folder[$"series/{name}"], slice.ToArray());
    }

    private void Refused(string advises, string says)
    {
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder["series"]));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(says, problem.What);
        Assert.Contains(advises, problem.Fix);
    }
}
