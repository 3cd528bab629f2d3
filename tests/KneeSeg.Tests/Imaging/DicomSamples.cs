using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

/// <summary>Folders with DICOM files that tests write, and the problems that reading them gives.</summary>
internal static class DicomSamples
{
    /// <summary>Writes a file into a folder, which is made.</summary>
    public static void Write(this TemporaryFolder folder, string name, DicomBytes file) =>
        folder.Write(name, file.ToArray());

    /// <summary>Writes bytes into a folder, which is made.</summary>
    public static void Write(this TemporaryFolder folder, string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        File.WriteAllBytes(folder[name], bytes);
    }

    /// <summary>Writes four slices, 3 mm apart, <c>PREFIX0.dcm</c> to <c>PREFIX3.dcm</c>.</summary>
    public static void WriteSlices(
        this TemporaryFolder folder,
        string prefix,
        Dictionary<uint, string> texts,
        string series = "1.2.3"
    )
    {
        for (var k = 0; k < 4; k++)
            folder.Write(
                $"{prefix}{k}.dcm",
                new DicomBytes
                {
                    Z = 3 * k,
                    Series = series,
                    Texts = texts,
                }
            );
    }

    /// <summary>Writes four slices with all that a segmentation refers to.</summary>
    public static void WriteIdentified(this TemporaryFolder folder, string prefix)
    {
        for (var k = 0; k < 4; k++)
            folder.Write(
                $"{prefix}{k}.dcm",
                new DicomBytes
                {
                    Z = 3 * k,
                    Texts = new()
                    {
                        [0x00080018] = $"1.2.7.{k}",
                        [0x00080020] = "20200102",
                        [0x00080030] = "101500",
                        [0x00100010] = "Doe^Jane",
                        [0x00100020] = "P1",
                        [0x00200010] = "7",
                        [0x00200011] = "4",
                        [0x00200052] = "1.2.6",
                    },
                }
            );
    }

    /// <summary>
    /// What a converter makes of slices as <see cref="DicomBytes" /> has them: rising numbers, the last row first.
    /// </summary>
    public static Volume<float> Converted(Grid grid, float factor = 1) =>
        new(
            grid,
            [
                .. Enumerable
                    .Range(0, (int)grid.Size.Count)
                    .Select(i => factor * (4 * (2 - i / 4 % 3) + i % 4) + 100 * (i / 12)),
            ]
        );

    /// <summary>The problem of a path that is refused.</summary>
    public static ProblemException Refused(string path)
    {
        var problem = Assert.Throws<ProblemException>(() => VolumeFile.ReadGrid(path));
        Assert.Equal(ExitCode.Data, problem.Exit);
        return problem;
    }
}
