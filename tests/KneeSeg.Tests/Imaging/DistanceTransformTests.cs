using FsCheck.Xunit;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;

namespace KneeSeg.Tests.Imaging;

public class DistanceTransformTests
{
    [Property(MaxTest = 200)]
    public bool Distances_are_those_of_looking_at_every_voxel(
        byte x,
        byte y,
        byte z,
        int seed,
        byte density
    )
    {
        var size = new Size3(1 + x % 9, 1 + y % 9, 1 + z % 20);
        var spacing = new Spacing3(0.5 + x % 3, 0.7, 0.365);
        Random random = new(seed);
        var set = new bool[size.Count];
        for (var i = 0; i < set.Length; i++)
            set[i] = random.Next(40) < density % 40;
        var places = (
            from k in Enumerable.Range(0, size.Z)
            from j in Enumerable.Range(0, size.Y)
            from i in Enumerable.Range(0, size.X)
            select new Point3(i * spacing.X, j * spacing.Y, k * spacing.Z)
        ).ToArray();
        var members = places.Where((_, n) => set[n]).ToArray();
        var squared = DistanceTransform.Squared(set, size, spacing);
        return places
            .Zip(squared)
            .All(pair =>
                members.Length == 0
                    ? float.IsPositiveInfinity(pair.Second)
                    : Math.Abs(Math.Sqrt(pair.Second) - members.Min(m => (m - pair.First).Length))
                        < 1e-5
            );
    }

    [Fact]
    public void Signed_distances_are_negative_inside_and_count_no_unannotated_voxels()
    {
        byte[] labels = [0, 0, 1, 2, 2, LabelValue.Ignored, 0];
        Assert.Equal(
            [4, 2, -2, -4, -4, 2, 4],
            SignedDistance.Of(labels, label => label > 0, new(7, 1, 1), new(2, 1, 1))
        );
        Assert.Equal(
            Enumerable.Repeat(float.PositiveInfinity, 7),
            SignedDistance.Of(labels, label => label == 3, new(7, 1, 1), new(2, 1, 1))
        );
    }

    [Fact]
    public void A_long_thin_volume_is_measured_from_end_to_end()
    {
        var set = new bool[1000];
        set[0] = true;
        Assert.Equal(
            999f * 999f * 4,
            DistanceTransform.Squared(set, new(1, 1, 1000), new(1, 1, 2))[999]
        );
        Assert.Equal(
            999f * 999f * 4,
            DistanceTransform.Squared(set, new(1, 1000, 1), new(1, 2, 1))[999]
        );
        Assert.Equal(
            999f * 999f * 4,
            DistanceTransform.Squared(set, new(1000, 1, 1), new(2, 1, 1))[999]
        );
    }
}
