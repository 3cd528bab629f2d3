using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;

namespace KneeSeg.Tests.Data;

/// <summary>Where patches start, as the published knee tables have it.</summary>
public class CropDistributionTests
{
    [Fact]
    public void A_centered_patch_starts_at_the_middle_index_less_its_own()
    {
        var place = Sampler(new(160, 384, 384), new(5, 160, 161), CropDistribution.Centered)
            .Sample(0, 0, 0)
            .Location;
        // int((V - 1) / 2) - int((S - 1) / 2)
        Assert.Equal(new PatchLocation(79 - 2, 191 - 79, 191 - 80), place);
    }

    [Fact]
    public void A_normal_law_has_the_middle_as_mean_and_a_quarter_of_it_as_deviation()
    {
        var sampler = Sampler(new(64, 96, 40), new(4, 4, 40), CropDistribution.Normal);
        var places = Enumerable
            .Range(0, 4000)
            .Select(step => sampler.Sample(0, step, 0).Location)
            .ToArray();
        // Middles of 30 and 46, deviations of int(30 / 4) and int(46 / 4).
        Check(places.Select(p => p.Depth), 30, 7);
        Check(places.Select(p => p.Height), 46, 11);
        Assert.All(places, place => Assert.Equal(0, place.Width));
        Assert.All(places, place => Assert.InRange(place.Depth, 0, 60));

        static void Check(IEnumerable<int> starts, double mean, double deviation)
        {
            var all = starts.ToArray();
            var found = all.Average();
            Assert.Equal(mean, found, .5);
            Assert.Equal(
                deviation,
                Math.Sqrt(all.Average(start => (start - found) * (start - found))),
                .3
            );
            // Two thirds within one deviation.
            Assert.InRange(all.Count(s => Math.Abs(s - mean) <= deviation) / 4000.0, .65, .75);
        }
    }

    [Fact]
    public void An_empty_patch_is_drawn_again_twice_at_most()
    {
        // One slice of twenty has foreground: 1 - 0.95 cubed of three draws find it.
        PreprocessedCase[] cases = [Samples.Case(new(20, 4, 4))];
        var rule = Samples.Rule(new(1, 4, 4), PatchKind.Slice);
        double Share(PatchSamplingOptions rule) =>
            Enumerable
                .Range(0, 3000)
                .Count(step =>
                    new PatchSampler(cases, rule, 1).Sample(0, step, 0).Labels.Any(l => l > 0)
                ) / 3000.0;
        Assert.Equal(.05, Share(rule), .015);
        Assert.Equal(.1426, Share(rule with { ResampleEmpty = true }), .02);
    }

    private static PatchSampler Sampler(ModelSize volume, ModelSize patch, CropDistribution law) =>
        new([Samples.Case(volume)], Samples.Rule(patch) with { Distribution = law }, 1);
}
