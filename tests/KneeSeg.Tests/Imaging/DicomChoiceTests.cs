using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Tests.Imaging;

/// <summary>Several volumes in one folder: distinguished by name, and one of them selected.</summary>
[Collection(nameof(FakeConverter))]
public sealed class DicomChoiceTests : IDisposable
{
    private const uint Type = 0x00080008;
    private const uint Patient = 0x00100020;
    private const uint Taken = 0x00080032;
    private const uint Repetition = 0x00180080;
    private const uint Echo = 0x00180081;
    private const uint EchoNumber = 0x00180086;
    private const uint Study = 0x0020000D;
    private const uint Number = 0x00200011;
    private const uint Acquisition = 0x00200012;
    private const uint Time = 0x00200100;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Two_echoes_are_counted_and_distinguished()
    {
        WriteEchoes();
        var problem = DicomSamples.Refused(folder["knee"]);
        Assert.Equal(
            "it holds 2 images at each of 4 positions that differ in echo time (5 and 15 ms)",
            problem.What
        );
        Assert.Contains($"{folder["knee"]}#echo=2", problem.Fix);
    }

    [Theory]
    [InlineData("knee#echo=1", "short")]
    [InlineData("knee#echo=2", "long")]
    [InlineData("knee/#echo=2", "long")]
    [InlineData("knee#echo=2,series=1.2.3", "long")]
    public void The_slices_of_the_echo_that_is_chosen_are_converted_and_no_others(
        string path,
        string chosen
    )
    {
        WriteEchoes();
        using FakeConverter converter = new();
        converter.Makes($"{chosen}0", Volume(7));

        Assert.Equal(7 * 8, VolumeFile.ReadImage(folder[path]).Voxels[0]);
        Assert.Equal(Enumerable.Range(0, 4).Select(k => $"{chosen}{k}.dcm"), converter.Slices);
        Assert.Equal(folder[path], VolumeFile.Inspect(folder[path]).File);
    }

    [Theory]
    [InlineData("echo=3", "it has no echo 3: its images differ in echo time (5 and 15 ms)")]
    [InlineData("echo=0", "it has no echo 0")]
    [InlineData("ehco=1", "\"ehco=1\" after the # is not a valid selection")]
    [InlineData("echo", "\"echo\" after the # is not a valid selection")]
    [InlineData("echo=1,echo=2", "\"echo=2\" after the # is not a valid selection")]
    [InlineData("time=1", "do not differ in time point")]
    [InlineData("echo=1,time=1", "do not differ in time point")]
    [InlineData("series=8", "no series 8")]
    public void A_choice_that_is_not_there_is_refused(string choice, string says)
    {
        WriteEchoes();
        Assert.Contains(says, DicomSamples.Refused(folder[$"knee#{choice}"]).What);
    }

    [Fact]
    public void Echoes_and_image_types_are_chosen_together()
    {
        string[] types = [@"ORIGINAL\PRIMARY\M\ND", @"ORIGINAL\PRIMARY\P\ND"];
        foreach (var (name, echo, type) in Pairs())
            folder.WriteSlices($"knee/{name}", new() { [Echo] = echo, [Type] = types[type] });
        Assert.EndsWith(
            "it holds 4 images at each of 4 positions that differ in echo time (5 and 15 ms) and image type (M and P)",
            DicomSamples.Refused(folder["knee"]).What
        );
        Assert.EndsWith(
            "in image type (M and P)",
            DicomSamples.Refused(folder["knee#echo=2"]).What
        );
        using FakeConverter converter = new();
        converter.Makes("d0", Volume(1));
        VolumeFile.ReadImage(folder["knee#echo=2,type=2"]);
        Assert.Equal("d0.dcm", converter.Slices[0]);

        static (string, string, int)[] Pairs() =>
            [("a", "5", 0), ("b", "5", 1), ("c", "15", 0), ("d", "15", 1)];
    }

    [Theory]
    [InlineData(EchoNumber, "1", "2", "echo", "echo number (1 and 2)")]
    [InlineData(Repetition, "16", "900", "repetition", "repetition time (16 and 900 ms)")]
    [InlineData(Taken, "101500.5", "101510", "time", "acquisition time (101500.5 and 101510)")]
    public void Volumes_are_distinguished_by_other_header_fields(
        uint tag,
        string first,
        string second,
        string word,
        string says
    )
    {
        // All have one echo time, as both echoes of some sequences do.
        folder.WriteSlices("knee/a", new() { [Echo] = "5", [tag] = second });
        folder.WriteSlices("knee/b", new() { [Echo] = "5", [tag] = first });
        Assert.EndsWith(says, DicomSamples.Refused(folder["knee"]).What);
        using FakeConverter converter = new();
        converter.Makes("a0", Volume(1));
        VolumeFile.ReadImage(folder[$"knee#{word}=2"]);
        Assert.Equal("a0.dcm", converter.Slices[0]);
    }

    [Fact]
    public void Time_points_are_chosen_whatever_else_changes_from_slice_to_slice()
    {
        for (var time = 1; time <= 6; time++)
        for (var k = 0; k < 4; k++)
            folder.Write(
                $"knee/{time}-{k}.dcm",
                new DicomBytes
                {
                    Z = 3 * k,
                    Texts = new() { [Time] = $"{time}", [Acquisition] = $"{k + 4 * time}" },
                }
            );
        Assert.EndsWith(
            "differ in time point (6 values from 1 to 6)",
            DicomSamples.Refused(folder["knee"]).What
        );
        Assert.Equal(4, VolumeFile.ReadGrid(folder["knee#time=5"]).Size.Z);
    }

    [Fact]
    public void A_slice_missing_from_one_echo_is_reported_for_that_echo()
    {
        WriteEchoes();
        File.Delete(folder["knee/long1.dcm"]);
        Assert.Contains("up to 2 images", DicomSamples.Refused(folder["knee"]).What);
        Assert.Equal(4, VolumeFile.ReadGrid(folder["knee#echo=1"]).Size.Z);
        var problem = DicomSamples.Refused(folder["knee#echo=2"]);
        Assert.Contains("long0.dcm and long2.dcm are 6 mm", problem.What);
    }

    [Fact]
    public void A_duplicate_volume_is_reported()
    {
        folder.WriteSlices("knee/a", []);
        folder.WriteSlices("knee/copy of a", []);
        var problem = DicomSamples.Refused(folder["knee"]);
        Assert.Contains(
            "2 images at each of 4 positions, such as a0.dcm and copy of a0.dcm",
            problem.What
        );
        Assert.Contains("copies", problem.Fix);
    }

    [Fact]
    public void A_folder_whose_own_name_ends_like_a_choice_comes_first()
    {
        WriteEchoes();
        folder.WriteSlices("knee#echo=2/a", []);
        Assert.Equal(4, VolumeFile.ReadGrid(folder["knee#echo=2"]).Size.Z);
        Assert.False(VolumeFile.Exists(folder["hip#echo=1"]));
    }

    [Fact]
    public void Series_are_listed_and_chosen_by_number()
    {
        folder.WriteSlices("knee/a", new() { [Number] = "3", [0x0008103E] = "SAG DESS" });
        folder.WriteSlices("knee/b", new() { [Number] = "1" }, series: "1.2.5");
        var problem = DicomSamples.Refused(folder["knee"]);
        Assert.Contains("they are 3 (\"SAG DESS\", 4 files), 1 (\"\", 4 files)", problem.What);
        Assert.Contains("knee#series=3", problem.Fix);
        using FakeConverter converter = new();
        converter.Makes("b0", Volume(1));
        VolumeFile.ReadImage(folder["knee#series=1"]);
        Assert.Equal(4, converter.Slices.Length);
    }

    [Fact]
    public void Series_of_one_number_are_chosen_by_their_uid()
    {
        folder.WriteSlices("knee/a", new() { [Number] = "3" });
        folder.WriteSlices("knee/b", new() { [Number] = "3" }, series: "1.2.5");
        Assert.Contains("knee#series=1.2.3", DicomSamples.Refused(folder["knee"]).Fix);
        Assert.Contains("2 of its series", DicomSamples.Refused(folder["knee#series=3"]).What);
        Assert.Equal(4, VolumeFile.ReadGrid(folder["knee#series=1.2.5"]).Size.Z);
    }

    [Theory]
    [InlineData(Patient, "someone else")]
    [InlineData(Study, "1.2.9")]
    public void Two_patients_or_studies_are_never_one_volume(uint tag, string other)
    {
        folder.WriteSlices("knee/a", []);
        // In the gap that the last slice leaves, as if it went on there.
        folder.Write(
            "knee/b.dcm",
            new DicomBytes
            {
                Z = 12,
                Texts = new() { [tag] = other },
            }
        );
        Assert.Contains(
            "a0.dcm is of another patient or study than b.dcm",
            DicomSamples.Refused(folder["knee"]).What
        );
    }

    private void WriteEchoes()
    {
        folder.WriteSlices("knee/long", new() { [Echo] = "15" });
        folder.WriteSlices("knee/short", new() { [Echo] = "5.0" });
    }

    private Volume<float> Volume(float factor)
    {
        folder.WriteSlices("one/", []);
        return DicomSamples.Converted(VolumeFile.ReadGrid(folder["one"]), factor);
    }
}
