using KneeSeg.Evaluation;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Evaluation;

public sealed class StructureMeasuresTests
{
    // 1.5 mm³ a voxel; X to the right, Z to the head.
    private static readonly Grid Grid = Grid.Centered(new(30, 30, 12), new(1, 1, 1.5), "RAS");

    [Fact]
    public void A_plate_and_a_piece_have_their_volume_share_and_thickness()
    {
        var labels = new Volume<byte>(Grid, new byte[Grid.Size.Count]);
        // 20 × 20 voxels, 2 high; and 8 voxels elsewhere.
        Fill(labels, (4, 24), (4, 24), (4, 6));
        Fill(labels, (27, 29), (27, 29), (9, 11));

        var tibial = StructureMeasures.Of(labels, 1, "medial tibial cartilage")!;
        var meniscus = StructureMeasures.Of(labels, 1, "medial meniscus")!;

        Assert.Equal(808 * 1.5, tibial.Volume, 6);
        Assert.Equal(800.0 / 808, tibial.LargestPart, 6);
        Assert.InRange(tibial.Thickness!.Value, 2.8, 3.2);
        Assert.Equal(tibial with { Thickness = null }, meniscus);
        Assert.Null(StructureMeasures.Of(labels, 2, "meniscus"));
    }

    private static void Fill(
        Volume<byte> labels,
        (int From, int To) x,
        (int From, int To) y,
        (int From, int To) z
    )
    {
        for (var k = z.From; k < z.To; k++)
        for (var j = y.From; j < y.To; j++)
        for (var i = x.From; i < x.To; i++)
            labels.Voxels[i + Grid.Size.X * (j + Grid.Size.Y * k)] = 1;
    }
}
