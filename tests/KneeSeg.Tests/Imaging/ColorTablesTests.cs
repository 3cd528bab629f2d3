using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Tests.Imaging;

public sealed class ColorTablesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ColorTablesTests() =>
        ColorTables.Write(folder[""], ["background", "femoral cartilage", "the \"meniscus\""]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ITK_SNAP_finds_a_line_of_eight_fields_for_each_label() =>
        Assert.Equal(
            [
                "    0     0    0    0     0    0   0  \"Clear Label\"",
                "    1    86  180  233     1    1   1  \"femoral cartilage\"",
                "    2   230  159    0     1    1   1  \"the 'meniscus'\"",
            ],
            File.ReadLines(folder[ColorTables.ItkSnapName]).Where(line => line[0] != '#')
        );

    [Fact]
    public void Slicer_finds_names_without_spaces() =>
        Assert.Equal(
            [
                "# Color table file labels.ctbl",
                "# 3 values",
                "0 background 0 0 0 0",
                "1 femoral_cartilage 86 180 233 255",
                "2 the_\"meniscus\" 230 159 0 255",
            ],
            File.ReadLines(folder[ColorTables.SlicerName])
        );

    [Fact]
    public void A_table_is_brought_up_to_date_and_a_file_of_the_users_own_stays()
    {
        File.WriteAllText(folder[ColorTables.ItkSnapName], "knee-0001\nknee-0002\n");

        ColorTables.Write(folder[""], ["background", "patella"]);

        Assert.Equal("knee-0001\nknee-0002\n", File.ReadAllText(folder[ColorTables.ItkSnapName]));
        Assert.Contains("1 patella", File.ReadAllText(folder[ColorTables.SlicerName]));
    }

    [Fact]
    public void Neither_is_taken_for_a_volume() =>
        Assert.DoesNotContain(
            Directory.GetFiles(folder[""]),
            path => VolumeFile.MayHoldLabels(path) || VolumeFile.MayHoldImage(path)
        );
}
