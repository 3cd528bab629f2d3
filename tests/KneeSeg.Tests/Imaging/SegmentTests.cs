using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using static KneeSeg.Tests.Imaging.NrrdBytes;

namespace KneeSeg.Tests.Imaging;

/// <summary>Segmentations of 3D Slicer: named, numbered in the order of drawing, cropped, and overlapping.</summary>
public sealed class SegmentTests : IDisposable
{
    private static readonly string[] Names = ["background", "femoral cartilage", "meniscus"];

    private readonly TemporaryFolder folder = new();
    private readonly List<string> warnings = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Names_and_values_are_shown()
    {
        Write(Segmentation("2 2 1", ("Meniscus", 1, 0), ("femoral cartilage", 3, 0)), 0, 1, 3, 0);
        var info = VolumeFile.Inspect(folder["a.seg.nrrd"], labels: true);
        Assert.Equal([new("Meniscus", 1, 0), new("femoral cartilage", 3, 0)], info.Segments);
        Assert.Equal([0, 1, 3], info.Labels!);
        Assert.Equal("a", CaseId.Of("scans/a.seg.nrrd"));
    }

    [Fact]
    public void Segments_are_mapped_by_name_and_changes_are_reported()
    {
        Write(Segmentation("2 2 1", ("Meniscus", 1, 0), ("Femoral_Cartilage", 3, 0)), 0, 1, 3, 0);
        Assert.Equal([0, 2, 1, 0], Read());
        Assert.Equal(
            "its segments are mapped to labels by name: Meniscus becomes 2 instead of 1, Femoral_Cartilage becomes 1 instead of 3",
            Assert.Single(warnings)
        );
    }

    [Fact]
    public void Segments_in_the_profiles_own_order_are_nothing_to_speak_of()
    {
        Write(Segmentation("2 2 1", ("femoral cartilage", 1, 0), ("meniscus", 2, 0)), 0, 1, 2, 0);
        Assert.Equal([0, 1, 2, 0], Read());
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_segment_of_another_name_beside_known_ones_is_refused_only_if_it_has_voxels()
    {
        var header = Segmentation("2 2 1", ("femoral cartilage", 1, 0), ("Femur", 2, 0));
        Write(header, 0, 1, 1, 0);
        Assert.Equal([0, 1, 1, 0], Read());
        Write(header, 0, 1, 2, 2);
        Assert.Contains(
            "\"Femur\" of 2 voxels is not a label of the profile",
            Assert.Throws<ProblemException>(Read).What
        );
        Write(header, 0, 1, 7, 0);
        Assert.Contains(
            "1 voxels have the value 7, which belongs to no segment",
            Assert.Throws<ProblemException>(Read).What
        );
    }

    [Fact]
    public void Without_any_known_name_the_values_are_taken_with_a_warning_that_names_both()
    {
        Write(Segmentation("2 2 1", ("Segment_1", 1, 0), ("Segment_2", 2, 0)), 0, 1, 2, 0);
        Assert.Equal([0, 1, 2, 0], Read());
        Assert.Contains(
            "1 is \"Segment_1\" but femoral cartilage in the profile; 2 is \"Segment_2\"",
            Assert.Single(warnings)
        );
    }

    [Fact]
    public void Layers_that_share_a_value_are_distinguished_and_overlaps_follow_the_rule()
    {
        // By voxel, the first and the second layer.
        byte[] voxels = [0, 0, 1, 0, 0, 1, 1, 1];
        Write(Segmentation("2 2 1", ("meniscus", 1, 0), ("femoral cartilage", 1, 1)), voxels);
        Assert.Equal([0, 2, 1, 2], Read());
        Assert.Contains("1 voxels have several labels; using the first layer", warnings);
        Assert.Contains(
            "1 voxels have several labels",
            Assert
                .Throws<ProblemException>(() =>
                    VolumeFile.ReadLabels(
                        folder["a.seg.nrrd"],
                        overlaps: OverlapRule.Refused,
                        names: Names
                    )
                )
                .What
        );

        Write(Segmentation("2 2 1", ("one", 1, 0), ("two", 1, 1)), voxels);
        Assert.Contains(
            "\"one\" and \"two\" all have the value 1",
            Assert.Throws<ProblemException>(Read).What
        );
        Assert.Equal([0, 1, 2], VolumeFile.Inspect(folder["a.seg.nrrd"], labels: true).Labels!);
    }

    [Fact]
    public void A_part_of_the_image_is_set_into_background_where_it_was_cut()
    {
        var image = Image(5, 6, 7);
        // One voxel of left, two of back and three of up from the image's first, and then turned upside down.
        Write(
            Segmentation("2 1 2", ("meniscus", 2, 0))
                .Replace("(10,20,30)", "(11,24,42)")
                .Replace("(0,0,3)", "(0,0,-3)"),
            0,
            2,
            2,
            0
        );
        var placed = PlacedLabels.On(image, VolumeFile.ReadLabels(folder["a.seg.nrrd"]));
        Assert.Equal("its axes are LPI instead of LPS; reoriented without resampling", placed.Note);
        var labels = placed.Labels!;
        Assert.Equal(image, labels.Grid);
        Assert.Equal(
            [At(1, 2, 3), At(2, 2, 4)],
            Enumerable.Range(0, labels.Voxels.Length).Where(i => labels.Voxels[i] == 2)
        );
        Assert.Equal(2, labels.Voxels.Count(label => label != 0));

        int At(int i, int j, int k) => i + 5 * (j + 6 * k);
    }

    [Fact]
    public void A_part_may_begin_before_the_image_but_its_labels_may_not()
    {
        var header = Segmentation("3 1 1", ("meniscus", 1, 0)).Replace("(10,20,30)", "(9,20,30)");
        Write(header, 0, 1, 0);
        Assert.Equal(1, PlacedLabels.On(Image(2, 2, 2), ReadPart()).Labels!.Voxels[0]);
        Write(header, 1, 1, 0);
        Assert.Equal(
            "has 1 labeled voxels outside the image",
            PlacedLabels.On(Image(2, 2, 2), ReadPart()).Difference
        );
        Write(header.Replace("(9,20,30)", "(9.3,20,30)"), 0, 1, 0);
        Assert.Equal(
            "is 0.3 mm away at its farthest corner",
            PlacedLabels.On(Image(2, 2, 2), ReadPart()).Difference
        );
    }

    [Fact]
    public void One_voxel_is_a_segmentation_without_any()
    {
        Write(Segmentation("1 1 1", ("meniscus", 1, 0)).Replace("(10,20,30)", "(0,0,0)"), 0);
        Assert.Equal(new byte[24], PlacedLabels.On(Image(2, 3, 4), ReadPart()).Labels!.Voxels);
    }

    [Fact]
    public void A_fractional_labelmap_gives_no_labels_and_is_refused()
    {
        Write(
            Segmentation("2 2 1", ("a", 1, 0)).Replace("Binary labelmap", "Fractional labelmap"),
            0,
            1,
            1,
            0
        );
        Assert.Contains("Fractional labelmap", Assert.Throws<ProblemException>(Read).What);
    }

    private static Grid Image(int x, int y, int z) =>
        new(
            new(x, y, z),
            Affine.FromColumns(new(-1, 0, 0), new(0, -2, 0), new(0, 0, 3), new(-10, -20, 30))
        );

    private void Write(string header, params byte[] voxels) =>
        File.WriteAllBytes(folder["a.seg.nrrd"], Of(header, voxels));

    private Volume<byte> ReadPart() => VolumeFile.ReadLabels(folder["a.seg.nrrd"]);

    private byte[] Read()
    {
        warnings.Clear();
        return VolumeFile.ReadLabels(folder["a.seg.nrrd"], warn: warnings.Add, names: Names).Voxels;
    }
}
