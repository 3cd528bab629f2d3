using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Medial taken for lateral, on boxes for plates and on generated knees.</summary>
public sealed class AnatomyRuleTests
{
    private const byte Medial = 2;
    private const byte Lateral = 3;
    private const byte LateralMeniscus = 5;
    private const byte MedialMeniscus = 6;

    private static readonly LabelSchema Profile = LabelSchema.Find("iwoai")!;

    // X runs to the subject's right, 2 mm a voxel.
    private static readonly Grid Grid = Grid.Centered(new(50, 10, 10), new(2, 2, 2), "RAS");

    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 12).Select(seed => (long)seed)];

    [Fact]
    public void A_part_with_the_label_of_the_other_side_gets_that_of_its_own()
    {
        // A left knee: medial is at its right. Half of the lateral plate is labeled medial; the menisci are right.
        var labels = Boxes(
            (5, 12, Lateral, 1),
            (12, 19, Medial, 1),
            (30, 44, Medial, 1),
            (6, 18, LateralMeniscus, 5),
            (31, 43, MedialMeniscus, 5)
        );

        var changes = Postprocessing.AnatomyAlone.Apply(labels, Profile);

        Assert.Equal(Lateral, labels.Voxels[At(15, 2, 2)]);
        Assert.Equal(0, labels.Voxels.Count((byte)1));
        Assert.Equal(
            new LabelChange(
                "lateral tibial cartilage",
                "relabeled from medial tibial cartilage",
                7 * 3 * 3 * 8
            ),
            Assert.Single(changes)
        );
        Assert.Empty(Postprocessing.AnatomyAlone.Apply(labels, Profile));
    }

    [Fact]
    public void The_knees_side_decides_where_labels_do_not()
    {
        Volume<byte> Both() => Boxes((5, 19, Medial), (30, 44, Medial));
        byte[] After(KneeSide side)
        {
            var labels = Both();
            Postprocessing.AnatomyAlone.Apply(labels, Profile, side);
            return [labels.Voxels[At(10, 2, 2)], labels.Voxels[At(40, 2, 2)]];
        }

        Assert.Equal([Medial, Medial], After(KneeSide.Unknown));
        Assert.Equal([Lateral, Medial], After(KneeSide.Left));
        Assert.Equal([Medial, Lateral], After(KneeSide.Right));
    }

    [Fact]
    public void Labels_that_agree_with_each_other_but_not_with_the_side_are_left_to_people()
    {
        var labels = Boxes((5, 19, Lateral), (30, 44, Medial));
        var before = labels.Voxels.ToArray();

        Assert.Empty(Postprocessing.AnatomyAlone.Apply(labels, Profile, KneeSide.Right));

        Assert.Equal(before, labels.Voxels);
        Assert.Equal(
            SideVerdict.ContradictsSide,
            SideCheck.Of(labels, Profile, KneeSide.Right).Verdict
        );
    }

    [Fact]
    public void Plates_that_touch_are_divided_but_for_the_middle()
    {
        // One part from side to side, with medial voxels far on the lateral side.
        var labels = Boxes((5, 10, Medial), (10, 25, Lateral), (25, 44, Medial));

        Postprocessing.AnatomyAlone.Apply(labels, Profile, KneeSide.Left);

        Assert.Equal(Lateral, labels.Voxels[At(7, 2, 2)]);
        Assert.Equal(Medial, labels.Voxels[At(40, 2, 2)]);
        Assert.Equal(Lateral, labels.Voxels[At(24, 2, 2)]);
        var check = SideCheck.Of(labels, Profile, KneeSide.Left);
        Assert.Equal("tibial cartilage", Assert.Single(check.Connected).Name);
    }

    [Fact]
    public void A_single_plate_tells_no_sides()
    {
        var labels = Boxes((5, 12, Lateral), (12, 19, Medial));

        Assert.Empty(Postprocessing.AnatomyAlone.Apply(labels, Profile, KneeSide.Left));
        Assert.Equal(SideVerdict.NoPlates, SideCheck.Of(labels, Profile, KneeSide.Left).Verdict);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_correct_knee_is_never_changed(long seed)
    {
        var knee = Knee(seed);

        foreach (var side in (KneeSide[])[KneeSide.Unknown, knee.Parameters.Side])
        {
            var labels = Copy(knee.Labels);
            Assert.Empty(Postprocessing.AnatomyAlone.Apply(labels, Profile, side));
            Assert.Equal(knee.Labels.Voxels, labels.Voxels);
            Assert.Empty(SideCheck.Of(labels, Profile, side).Connected);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Swapped_pieces_of_generated_knees_are_repaired(long seed)
    {
        AreRepaired(seed, balls: 2, _ => KneeSide.Unknown);
        // So many may swap most of a knee, whose side must then be known.
        AreRepaired(seed, balls: 6, knee => knee.Parameters.Side);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_mirrored_knee_is_repaired_to_the_mirrored_result(long seed)
    {
        var knee = Knee(seed);
        var labels = Copy(knee.Labels);
        for (var i = 0; i < labels.Voxels.Length; i += 2)
            labels.Voxels[i] = i % 3 == 0 ? Swapped(labels.Voxels[i]) : labels.Voxels[i];
        var mirrored = Mirrored(labels);

        Postprocessing.AnatomyAlone.Apply(labels, Profile);
        Postprocessing.AnatomyAlone.Apply(mirrored, Profile);

        Assert.Equal(Mirrored(labels).Voxels, mirrored.Voxels);
    }

    [Fact]
    public void The_rule_is_switched_in_the_file_and_kept_with_predictions()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """{ "rules": [], "anatomy": true }""");
            var rules = Postprocessing.Load(file, Profile);
            Assert.Equal((true, "anatomy"), (rules.Anatomy, rules.Word));
            rules.Save(file);
            Assert.True(Postprocessing.Load(file, Profile).Anatomy);
            // Files of earlier versions do not change.
            Postprocessing.None.Save(file);
            Assert.DoesNotContain("anatomy", File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void AreRepaired(long seed, int balls, Func<PhantomKnee, KneeSide> side)
    {
        var knee = Knee(seed);
        var labels = Copy(knee.Labels);
        // Balls of 16 mm in diameter in which medial and lateral are exchanged.
        var random = new Random((int)seed);
        int[] sided =
        [
            .. Enumerable
                .Range(0, labels.Voxels.Length)
                .Where(voxel => labels.Voxels[voxel] is not (0 or 1 or 4)),
        ];
        for (var ball = 0; ball < balls; ball++)
        {
            var center = sided[random.Next(sided.Length)];
            foreach (var voxel in sided)
                if (Apart(labels.Grid, center, voxel) < 8)
                    labels.Voxels[voxel] = Swapped(knee.Labels.Voxels[voxel]);
        }
        Assert.NotEqual(knee.Labels.Voxels, labels.Voxels);

        var swapped = labels.Voxels.ToArray();
        var isClear = SideCheck.Of(labels, Profile, side(knee)).Verdict == SideVerdict.Clear;

        Postprocessing.AnatomyAlone.Apply(labels, Profile, side(knee));

        Assert.Equal(isClear ? knee.Labels.Voxels : swapped, labels.Voxels);
        Assert.True(isClear || side(knee) == KneeSide.Unknown);
    }

    private static PhantomKnee Knee(long seed) => Phantom.Create(seed, new(28, 48, 48));

    private static Volume<byte> Copy(Volume<byte> labels) =>
        labels with
        {
            Voxels = [.. labels.Voxels],
        };

    private static byte Swapped(byte label) =>
        label switch
        {
            Medial => Lateral,
            Lateral => Medial,
            LateralMeniscus => MedialMeniscus,
            MedialMeniscus => LateralMeniscus,
            _ => label,
        };

    // Along the last axis, which runs from left to right around the middle of the field of view.
    private static Volume<byte> Mirrored(Volume<byte> labels)
    {
        var (size, voxels) = (labels.Grid.Size, new byte[labels.Voxels.Length]);
        var slice = size.X * size.Y;
        for (var k = 0; k < size.Z; k++)
            labels.Voxels.AsSpan(k * slice, slice).CopyTo(voxels.AsSpan((size.Z - 1 - k) * slice));
        return labels with { Voxels = voxels };
    }

    private static double Apart(Grid grid, int a, int b) =>
        (Place(grid, a) - Place(grid, b)).Length;

    private static Point3 Place(Grid grid, int voxel) =>
        grid.Affine.Apply(
            voxel % grid.Size.X,
            voxel / grid.Size.X % grid.Size.Y,
            voxel / grid.Size.X / grid.Size.Y
        );

    private static Volume<byte> Boxes(params (int From, int To, byte Label)[] plates) =>
        Boxes([.. plates.Select(one => (one.From, one.To, one.Label, 1))]);

    // Bars of 3 by 3 voxels along X, at a height.
    private static Volume<byte> Boxes(params (int From, int To, byte Label, int Height)[] plates)
    {
        var labels = new Volume<byte>(Grid, new byte[Grid.Size.Count]);
        foreach (var (from, to, label, height) in plates)
            for (var z = height; z < height + 3; z++)
            for (var y = 1; y < 4; y++)
            for (var x = from; x < to; x++)
                labels.Voxels[At(x, y, z)] = label;
        return labels;
    }

    private static int At(int x, int y, int z) => x + Grid.Size.X * (y + Grid.Size.Y * z);
}
