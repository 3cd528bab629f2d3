using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class PhantomAnatomyTests
{
    private const byte MedialTibialCartilage = 2;
    private const byte LateralTibialCartilage = 3;
    private const byte LateralMeniscus = 5;
    private const byte MedialMeniscus = 6;

    [Fact]
    public void The_same_seed_is_the_same_knee_voxel_for_voxel()
    {
        var (first, second) = (
            Phantom.Create(7, new(12, 40, 36)),
            Phantom.Create(7, new(12, 40, 36))
        );
        Assert.Equal(first.Image.Voxels, second.Image.Voxels);
        Assert.Equal(first.Labels.Voxels, second.Labels.Voxels);
    }

    [Fact]
    public void Another_seed_is_another_knee() =>
        Assert.NotEqual(
            Phantom.Create(7, new(8, 32, 32)).Labels.Voxels,
            Phantom.Create(8, new(8, 32, 32)).Labels.Voxels
        );

    [Theory]
    [InlineData(7, KneeSide.Left)]
    [InlineData(2, KneeSide.Right)]
    public void Lateral_is_to_the_left_in_a_left_knee_and_to_the_right_in_a_right_one(
        long seed,
        KneeSide side
    )
    {
        var knee = Phantom.Create(seed, new(32, 64, 64));
        Assert.Equal(side, knee.Parameters.Side);
        var towards = side == KneeSide.Right ? 1 : -1;
        double Right(byte label) => Middle(knee.Labels, label).X;
        Assert.InRange(
            towards * (Right(LateralTibialCartilage) - Right(MedialTibialCartilage)),
            25,
            60
        );
        Assert.InRange(towards * (Right(LateralMeniscus) - Right(MedialMeniscus)), 25, 60);
    }

    [Fact]
    public void The_patella_is_in_front_and_the_tibia_below()
    {
        var knee = Phantom.Create(2, new(32, 64, 64)).Labels;
        var (femur, tibia, patella) = (Middle(knee, 1), Middle(knee, 2), Middle(knee, 4));
        Assert.True(patella.Y > femur.Y + 5);
        Assert.True(tibia.Z < femur.Z - 5);
    }

    [Fact]
    public void A_structure_has_the_same_volume_at_a_quarter_of_the_resolution()
    {
        // What the prototype measured at 384×384 voxels in 160 slices, labels 1 to 6.
        double[] millilitres = [18.6, 1.40, 1.69, 2.99, 1.30, 1.97];
        var knee = Phantom.Create(7, new(48, 96, 96)).Labels;
        var voxel = Math.Abs(knee.Grid.Affine.Determinant) / 1000;
        for (var label = 1; label <= 6; label++)
            Assert.InRange(
                knee.Voxels.Count(l => l == label) * voxel / millilitres[label - 1],
                .95,
                1.05
            );
    }

    [Theory]
    [InlineData(3, 64, 64)]
    [InlineData(64, 64, 0)]
    [InlineData(4096, 4096, 4096)]
    public void A_size_that_no_knee_fits_is_refused(int depth, int height, int width) =>
        Problems.Assert(
            ExitCode.Usage,
            $"{depth}x{height}x{width}",
            "Choose",
            () => Phantom.Create(1, new(depth, height, width))
        );

    private static Point3 Middle(Volume<byte> labels, byte label)
    {
        var (sum, count) = (new Point3(0, 0, 0), 0);
        var size = labels.Grid.Size;
        for (var voxel = 0; voxel < labels.Voxels.Length; voxel++)
            if (labels.Voxels[voxel] == label)
            {
                var (rest, i) = Math.DivRem(voxel, size.X);
                var (k, j) = Math.DivRem(rest, size.Y);
                sum += labels.Grid.Affine.Apply(i, j, k);
                count++;
            }
        return 1.0 / count * sum;
    }
}
