using KneeSeg.Imaging;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class PostprocessingTests
{
    // Half a mm³ each.
    private static readonly Grid Grid = Grid.Centered(new(9, 7, 5), new(0.5, 1, 1), "PIR");

    [Fact]
    public void Only_the_largest_part_of_a_label_stays()
    {
        var labels = Labels(((0, 0, 0), 1), ((1, 1, 1), 1), ((4, 4, 4), 1), ((6, 0, 0), 2));

        var changes = Apply(labels, new LabelRule("cartilage", Largest: true));

        // Corners touch, so the first two are one part.
        Assert.Equal([1, 1, 0, 2], At(labels, (0, 0, 0), (1, 1, 1), (4, 4, 4), (6, 0, 0)));
        Assert.Equal(new LabelChange("cartilage", "removed a part", 0.5), Assert.Single(changes));
    }

    [Theory]
    [InlineData(0.6, 0)]
    [InlineData(0.5, 1)]
    public void Parts_under_a_volume_go_whatever_the_spacing(double mm3, byte left)
    {
        var labels = Labels(((0, 0, 0), 1), ((4, 4, 4), 1), ((5, 4, 4), 1));

        Apply(labels, new LabelRule("cartilage", MinimumVolume: mm3));

        Assert.Equal([left, 1, 1], At(labels, (0, 0, 0), (4, 4, 4), (5, 4, 4)));
    }

    [Fact]
    public void Enclosed_background_is_filled_but_other_tissue_and_open_gaps_stay()
    {
        var labels = Labels();
        for (var k = 0; k < 5; k++)
        for (var j = 0; j < 5; j++)
        for (var i = 0; i < 5; i++)
            Set(labels, (i, j, k), 1);
        Set(labels, (1, 1, 1), 0);
        Set(labels, (3, 3, 3), 2);
        Set(labels, (2, 2, 0), 0);

        var changes = Apply(labels, new LabelRule("cartilage", FillHoles: true));

        Assert.Equal([1, 2, 0], At(labels, (1, 1, 1), (3, 3, 3), (2, 2, 0)));
        Assert.Equal(new LabelChange("cartilage", "filled a hole", 0.5), Assert.Single(changes));
    }

    [Fact]
    public void Rules_come_back_from_a_file_and_strangers_are_refused()
    {
        var file = Path.GetTempFileName();
        try
        {
            var rules = new Postprocessing([new("meniscus", true, 2.5, true)]);
            rules.Save(file);

            Assert.Equal(rules.Rules, Postprocessing.Load(file, Runs.Profile).Rules);
            new Postprocessing([new("bone", true)]).Save(file);
            var problem = Assert.Throws<ProblemException>(() =>
                Postprocessing.Load(file, Runs.Profile)
            );
            Assert.Equal((ExitCode.Data, file), (problem.Exit, problem.Where));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IReadOnlyList<LabelChange> Apply(Volume<byte> labels, LabelRule rule) =>
        new Postprocessing([rule]).Apply(labels, Runs.Profile);

    private static Volume<byte> Labels(params ((int X, int Y, int Z) Place, byte Label)[] set)
    {
        var labels = new Volume<byte>(Grid, new byte[Grid.Size.Count]);
        foreach (var (place, label) in set)
            Set(labels, place, label);
        return labels;
    }

    private static void Set(Volume<byte> labels, (int X, int Y, int Z) place, byte label) =>
        labels.Voxels[Index(place)] = label;

    private static IEnumerable<byte> At(Volume<byte> labels, params (int, int, int)[] places) =>
        places.Select(place => labels.Voxels[Index(place)]);

    private static int Index((int X, int Y, int Z) place) =>
        place.X + Grid.Size.X * (place.Y + Grid.Size.Y * place.Z);
}
