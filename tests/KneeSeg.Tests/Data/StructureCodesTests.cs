using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class StructureCodesTests
{
    [Fact]
    public void Every_structure_of_the_known_label_maps_has_codes()
    {
        foreach (var name in LabelSchema.Known.SelectMany(profile => profile.Labels.Skip(1)))
            Assert.True(StructureCodes.Has(name), name);
        Assert.False(StructureCodes.Has("ligament"));
    }

    [Theory]
    [InlineData("femoral_cartilage", "85756007 309312004 71341001 ")]
    [InlineData("Medial tibial cartilage", "85756007 309312004 12611008 255561001")]
    [InlineData("lateral meniscus", "85756007 74135004 49076000 49370004")]
    [InlineData("femur", "91723000 71341001  ")]
    [InlineData("ligament", "85756007 85756007  ")]
    public void Codes_are_of_place_and_part(string name, string codes)
    {
        var segment = StructureCodes.Segments(
            new("own", ["background", name]),
            new(Grid.Centered(new(1, 1, 1), new(1, 1, 1), "RAS"), [1])
        )[0];
        Assert.Equal(
            codes,
            $"{segment.Category.Code} {segment.Type.Code} {segment.Region?.Code} {segment.RegionModifier?.Code}"
        );
        Assert.Null(segment.Side);
    }

    [Theory]
    [InlineData("RAS", "Right")]
    [InlineData("LAS", "Left")]
    public void The_side_is_that_of_the_lateral_plate(string axes, string side)
    {
        // From the medial plate to the lateral one along the first axis.
        byte[] voxels = [.. Enumerable.Range(0, 20).Select(i => (byte)(i < 10 ? 2 : 3))];
        var segments = StructureCodes.Segments(
            LabelSchema.Find("iwoai")!,
            new(Grid.Centered(new(20, 1, 1), new(1, 1, 1), axes), voxels)
        );
        Assert.All(segments, segment => Assert.Equal(side, segment.Side?.Meaning));
    }
}
