using System.Diagnostics;
using System.Text;
using KneeSeg.Evaluation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Imaging.Formats.Dicom;

namespace KneeSeg.Tests.Imaging;

/// <summary>Segmentations of four slices of 4×3 voxels: frames of 12 bits, which do not end with a byte.</summary>
public sealed class DicomSegmentationTests : IDisposable
{
    private static readonly CodedConcept Tissue = CodedConcept.Snomed("85756007", "Tissue");

    private static readonly CodedSegment[] Segments =
    [
        new(
            1,
            "femoral cartilage",
            Rgb.Of(0x56B4E9),
            Tissue,
            CodedConcept.Snomed("309312004", "Cartilage")
        )
        {
            Region = CodedConcept.Snomed("71341001", "Femur"),
            Side = CodedConcept.Snomed("7771000", "Left"),
        },
        new(
            2,
            "medial meniscus",
            Rgb.Of(0xE69F00),
            Tissue,
            CodedConcept.Snomed("74135004", "Meniscus")
        )
        {
            Region = CodedConcept.Snomed("49076000", "Knee joint"),
            RegionModifier = CodedConcept.Snomed("255561001", "Medial"),
        },
    ];

    private readonly TemporaryFolder folder = new();

    public DicomSegmentationTests() => folder.WriteIdentified("series/");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Labels_come_back_on_the_grid_of_the_series()
    {
        var labels = Labels(i =>
            i % 7 == 0 ? 1
            : i is >= 24 and < 36 && i % 2 == 1 ? 2
            : 0
        );
        Write(labels);

        var read = VolumeFile.ReadLabels(folder["knee.dcm"]);

        Assert.Equal(labels.Voxels, read.Voxels);
        Assert.True(labels.Grid.SameAs(read.Grid));
        Assert.Equal(
            [new("femoral cartilage", 1, 0), new("medial meniscus", 2, 0)],
            VolumeFile.Inspect(folder["knee.dcm"], labels: true).Segments
        );
    }

    [Fact]
    public void Names_take_precedence_over_numbers()
    {
        Write(Labels(i => i % 3));
        var read = VolumeFile.ReadLabels(
            folder["knee.dcm"],
            names: ["background", "medial meniscus", "femoral cartilage"]
        );
        Assert.Equal(Labels(i => (3 - i % 3) % 3).Voxels, read.Voxels);
    }

    [Fact]
    public void Bits_run_on_between_frames_and_the_geometry_is_the_source_s_byte_for_byte()
    {
        // Column 1 and row 2 of the second slice. A volume has the last row first.
        Write(Labels(i => i == 1 + 4 * (0 + 3 * 1) ? 1 : 0));

        var bytes = File.ReadAllBytes(folder["knee.dcm"]);
        var text = Encoding.Latin1.GetString(bytes);
        // Four frames of the first segment, and an empty one of the other: 60 bits.
        Assert.Equal([0, 0, 0x20, 0, 0, 0, 0, 0], bytes[^8..]);
        Assert.Contains(@"1\0\0\0\1\0", text);
        foreach (var z in new[] { 0, 3, 6, 9 })
            Assert.Contains($@"-10\-20\{z}", text);
        foreach (var uid in new[] { "1.2.3", "1.2.4", "1.2.6", "1.2.7.0", "1.2.7.3" })
            Assert.Contains(uid, text);
        Assert.Contains("Doe^Jane", text);
        Assert.Contains("309312004", text);
    }

    [Fact]
    public void A_checker_of_the_standard_has_nothing_to_say()
    {
        Write(Labels(i => i % 3));
        try
        {
            using var checker = Process.Start(
                new ProcessStartInfo("dciodvfy", folder["knee.dcm"])
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                }
            )!;
            var said = checker.StandardOutput.ReadToEnd() + checker.StandardError.ReadToEnd();
            Assert.Equal("Segmentation", said.Trim());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("dciodvfy is not installed");
        }
    }

    [Fact]
    public void A_segmentation_is_no_slice_and_a_folder_of_them_no_series()
    {
        var labels = Labels(i => i % 2);
        Write(labels);
        File.Copy(folder["knee.dcm"], folder["series/segmentation.dcm"]);
        Assert.Equal(labels.Grid, VolumeFile.ReadGrid(folder["series"]));

        Directory.CreateDirectory(folder["labels"]);
        File.Move(folder["knee.dcm"], folder["labels/knee.dcm"]);
        Assert.False(VolumeFile.IsFolder(folder["labels"]));
        Assert.Equal(["knee"], EvaluationPair.FilesById(folder["labels"]).Keys);
        Assert.Contains("no image", DicomSamples.Refused(folder["labels"]).What);
    }

    [Fact]
    public void Slices_that_a_segmentation_leaves_out_are_background_of_its_image()
    {
        // As other programs write them: no frame without voxels.
        var labels = Labels(i => i / 12 is 0 or 2 ? 2 : 0);
        Write(labels, Segments[1..]);

        var read = VolumeFile.ReadLabels(folder["knee.dcm"]);

        Assert.Equal(3, read.Grid.Size.Z);
        Assert.Equal(labels.Voxels, PlacedLabels.On(labels.Grid, read).Labels?.Voxels);
    }

    [Fact]
    public void Other_types_of_segmentation_are_refused_by_name()
    {
        Write(Labels(i => i % 2));
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(folder["knee.dcm"]));
        File.WriteAllText(
            folder["knee.dcm"],
            text.Replace("BINARY", "OTHER ", StringComparison.Ordinal),
            Encoding.Latin1
        );
        Assert.Contains("type OTHER", DicomSamples.Refused(folder["knee.dcm"]).What);
    }

    [Fact]
    public void A_source_needs_its_identifiers_and_must_be_DICOM()
    {
        DicomSegmentation.CheckSource(folder["series"]);
        VolumeFile.Write(folder["knee.nii"], Labels(_ => 0));
        Refused(folder["knee.nii"], "it is not a DICOM series");
        folder.WriteSlices("bare/", []);
        Refused(folder["bare"], "it has no SOPInstanceUID");

        static void Refused(string path, string what)
        {
            var problem = Assert.Throws<ProblemException>(() =>
                DicomSegmentation.CheckSource(path)
            );
            Assert.Equal(ExitCode.Usage, problem.Exit);
            Assert.StartsWith(what, problem.What);
            Assert.Contains("--format", problem.Fix);
        }
    }

    private Volume<byte> Labels(Func<int, int> label) =>
        new(
            VolumeFile.ReadGrid(folder["series"]),
            [.. Enumerable.Range(0, 48).Select(i => (byte)label(i))]
        );

    private void Write(Volume<byte> labels, CodedSegment[]? segments = null) =>
        DicomSegmentation
            .Of(
                folder["series"],
                labels,
                segments ?? Segments,
                new("KneeSeg", "0.2.0", "unet3d+tiny", new string('a', 64))
            )
            .Write(folder["knee.dcm"]);
}
