using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Tests.Imaging;

/// <summary>Files that must be refused, each in one block that names the file and the reason.</summary>
public sealed class BadFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, byte[], string> BadFiles()
    {
        var good = new NiftiBytes().ThenCounting();
        static NiftiBytes Plain() => new();
        static byte[] Patched(byte[] bytes, int at, byte value)
        {
            bytes[at] = value;
            return bytes;
        }
        return new()
        {
            { "empty", [], "ends inside its header" },
            { "cut header", good.ToArray()[..200], "ends inside its header" },
            { "text", [.. Enumerable.Repeat((byte)'x', 500)], "not NIfTI" },
            { "Analyze", Plain().Bytes(344, 0, 0, 0, 0).ThenCounting().ToArray(), "Analyze" },
            {
                "pair",
                Plain().Bytes(344, "ni1\0"u8).ThenCounting().ToArray(),
                "declares a file pair"
            },
            { "header size", Plain().Int(0, 300).ThenCounting().ToArray(), "300 bytes" },
            {
                "no dimension",
                Plain().Dimensions(0, 2, 3, 4).ThenCounting().ToArray(),
                "0 dimensions"
            },
            {
                "nine dimensions",
                Plain().Dimensions(9, 2, 3, 4).ThenCounting().ToArray(),
                "9 dimensions"
            },
            {
                "negative axis",
                Plain().Dimensions(3, 2, -3, 4).ThenCounting().ToArray(),
                "-3 voxels"
            },
            { "empty axis", Plain().Dimensions(3, 2, 0, 4).ThenCounting().ToArray(), "0 voxels" },
            { "4-D", Plain().Dimensions(4, 2, 3, 2, 2).ThenCounting().ToArray(), "4 dimensions" },
            { "huge", Plain().Dimensions(3, 32767, 32767, 32767).ToArray(), "32767×32767×32767" },
            { "cut voxels", good.ToArray()[..370], "need 24 bytes, but it has 18" },
            {
                "lying size",
                Plain().Dimensions(3, 512, 512, 512).ThenCounting().Zipped(),
                "too short"
            },
            { "RGB", Plain().Short(70, 128).ThenCounting().ToArray(), "RGB" },
            { "complex", Plain().Short(70, 32).ThenCounting().ToArray(), "complex" },
            {
                "unknown type",
                Plain().Short(70, 77).ThenCounting().ToArray(),
                "unknown data type 77"
            },
            { "offset in header", Plain().Float(108, 100).ThenCounting().ToArray(), "offset 100" },
            { "offset NaN", Plain().Float(108, float.NaN).ThenCounting().ToArray(), "NaN" },
            { "offset beyond", Plain().Float(108, 4000).ThenCounting().ToArray(), "has 0" },
            {
                "zero sform",
                Plain().Float(280, 0).Float(300, 0).Float(320, 0).ThenCounting().ToArray(),
                "sform"
            },
            { "NaN sform", Plain().Float(292, float.NaN).ThenCounting().ToArray(), "sform" },
            { "flat sform", Plain().Float(320, 0).ThenCounting().ToArray(), "singular" },
            {
                "zero pixel",
                Plain().Short(254, 0).Float(84, 0).ThenCounting().ToArray(),
                "is 0 mm"
            },
            {
                "NaN quaternion",
                Plain().Short(254, 0).Short(252, 1).Float(256, float.NaN).ThenCounting().ToArray(),
                "qform"
            },
            { "long extension", Extended(int.MaxValue), "extension declares" },
            { "short extension", Extended(4), "extension declares 4 bytes" },
            { "negative extension", Extended(-16), "extension declares -16 bytes" },
            { "cut gzip", good.Zipped()[..^20], "damaged or truncated" },
            { "cut checksum", good.Zipped()[..^6], "damaged or truncated" },
            {
                "wrong checksum",
                good.Zipped() is var z ? Patched(z, z.Length - 6, (byte)~z[^6]) : z,
                "damaged"
            },
            { "gzip of text", NiftiBytes.Zip(new byte[1000]), "not NIfTI" },
            {
                "gzip too long",
                Plain().ThenCounting().Then(new byte[3 << 20]).Zipped(),
                "long after"
            },
        };
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_bad_file_is_refused_with_its_name_a_reason_and_a_remedy(
        string name,
        byte[] bytes,
        string reason
    )
    {
        var path = folder[$"{name}.nii"];
        File.WriteAllBytes(path, bytes);
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(path));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Equal(path, problem.Where);
        Assert.Contains(reason, problem.What);
        Assert.NotEmpty(problem.Fix);
    }

    [Theory]
    [InlineData("missing.nii.gz", "file not found")]
    [InlineData("missing.seg", "file not found")]
    [InlineData("missing", "no such file or folder")]
    [InlineData("missing.dcm", "no such file or folder")]
    [InlineData("volume.tiff", "not a supported format")]
    [InlineData("volume", "not a supported format")]
    public void A_missing_or_foreign_file_is_refused(string name, string reason)
    {
        foreach (var foreign in new[] { "volume.tiff", "volume" })
            File.WriteAllText(folder[foreign], "a picture");
        Assert.Contains(
            reason,
            Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder[name])).What
        );
    }

    [Fact]
    public void A_folder_is_refused()
    {
        Directory.CreateDirectory(folder["a.nii"]);
        Assert.Contains(
            "folder",
            Assert.Throws<ProblemException>(() => VolumeFile.ReadImage(folder["a.nii"])).What
        );
    }

    [Theory]
    [InlineData(0.5f, "2.5")]
    [InlineData(-1f, "-5")]
    [InlineData(100f, "500")]
    [InlineData(float.NaN, "NaN")]
    public void Values_that_are_no_labels_are_refused_with_value_and_count(
        float fifth,
        string named
    )
    {
        var file = new NiftiBytes(16, 32);
        for (var i = 0; i < 24; i++)
            file.Then(
                BitConverter.GetBytes(
                    i < 5 ? 1f
                    : i < 8 ? fifth * 5
                    : 2f
                )
            );
        File.WriteAllBytes(folder["a.nii"], file.ToArray());
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadLabels(folder["a.nii"]));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains($"3 voxels are not labels (the first is {named});", problem.What);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_damaged_byte_gives_a_volume_or_a_problem_and_nothing_else(bool zipped)
    {
        var file = new NiftiBytes().ThenCounting();
        var good = zipped ? file.Zipped() : file.ToArray();
        for (var at = 0; at < good.Length; at++)
        {
            foreach (byte value in new[] { 0, 1, 0x7f, 0xff })
            {
                byte[] bad = [.. good];
                bad[at] = value;
                File.WriteAllBytes(folder["a.nii"], bad);
                try
                {
                    VolumeFile.ReadLabels(folder["a.nii"]);
                }
                catch (ProblemException problem)
                {
                    Assert.Equal(ExitCode.Data, problem.Exit);
                }
            }
        }
    }

    [Fact]
    public void A_volume_that_can_not_be_written_leaves_nothing_behind()
    {
        File.WriteAllText(folder["file"], "");
        var volume = Volumes.Counting(Grid.Centered(new(1, 1, 1), new(1, 1, 1), "RAS"));
        var problem = Assert.Throws<ProblemException>(() =>
            VolumeFile.Write(folder["file/a.nii"], volume)
        );
        Assert.Equal(ExitCode.Resources, problem.Exit);
    }

    private static byte[] Extended(int size) =>
        new NiftiBytes()
            .Bytes(348, 1)
            .Float(108, 384)
            .Then(BitConverter.GetBytes(size))
            .Then(new byte[28])
            .ThenCounting()
            .ToArray();
}
