using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;

namespace KneeSeg.Tests.Data;

public sealed class PatchSamplerTests
{
    private static readonly ModelSize Volume = new(9, 10, 12);

    [Fact]
    public void A_patch_is_the_same_whatever_was_drawn_before()
    {
        var rule = new PatchSamplingOptions(
            new(4, 6, 6),
            PatchKind.Volume,
            .5,
            FlipAugmentation.Knees,
            Augmentation.Default
        );
        PreprocessedCase[] cases = [Samples.Case(Volume, "a"), Samples.Case(new(7, 8, 9), "b")];
        var all = Draw(new PatchSampler(cases, rule, 5), 50).ToArray();
        var alone = new PatchSampler(cases, rule, 5).Sample(0, 37, 0);
        Assert.Equal(all[37].Image, alone.Image);
        Assert.Equal(all[37].Position, alone.Position);
        Assert.Equal(all[37].Case, alone.Case);
    }

    [Fact]
    public void Seed_epoch_step_and_sample_each_change_the_patch()
    {
        PreprocessedCase[] cases = [Samples.Case(new(40, 40, 40))];
        Patch At(long seed, int epoch, int step, int sample) =>
            new PatchSampler(cases, Samples.Rule(new(4, 4, 4)), seed).Sample(epoch, step, sample);
        var places = new[]
        {
            At(1, 0, 0, 0),
            At(2, 0, 0, 0),
            At(1, 1, 0, 0),
            At(1, 0, 1, 0),
            At(1, 0, 0, 1),
        };
        Assert.Equal(5, places.Select(p => p.Location).Distinct().Count());
    }

    [Fact]
    public void A_batch_is_its_samples_one_after_the_other()
    {
        var sampler = Sampler(Samples.Rule(new(2, 3, 4), PatchKind.Volume, .5));
        var batch = sampler.Batch(3, 8, 2);
        Patch[] samples = [sampler.Sample(3, 8, 0), sampler.Sample(3, 8, 1)];
        Assert.Equal(samples.SelectMany(s => s.Image), batch.Images);
        Assert.Equal(samples.SelectMany(s => s.Labels), batch.Labels);
        Assert.Equal(samples.SelectMany(s => s.Position), batch.Positions);
    }

    [Property]
    public bool Every_voxel_of_a_patch_inside_the_volume_is_the_volume_s_own(
        PositiveInt depth,
        PositiveInt height,
        PositiveInt width,
        int step
    )
    {
        var size = new ModelSize(1 + depth.Get % 9, 1 + height.Get % 10, 1 + width.Get % 12);
        var patch = Sampler(Samples.Rule(size, PatchKind.Volume, .5)).Sample(0, step, 0);
        var place = patch.Location;
        return place.Depth >= 0
            && place.Height >= 0
            && place.Width >= 0
            && Coordinates(size)
                .Select(at =>
                    (float)(
                        ((at.D + place.Depth) * Volume.Height + at.H + place.Height) * Volume.Width
                        + at.W
                        + place.Width
                    )
                )
                .SequenceEqual(patch.Image);
    }

    [Property]
    public bool The_position_says_where_between_first_and_last_start_a_patch_lies(int step)
    {
        var size = new ModelSize(4, 10, 5);
        var patch = Sampler(Samples.Rule(size)).Sample(0, step, 0);
        return Math.Abs(patch.Position[0] - (2 * patch.Location.Depth / 5.0 - 1)) < 1e-6
            && patch.Position[1] == 0
            && Math.Abs(patch.Position[2] - (2 * patch.Location.Width / 7.0 - 1)) < 1e-6;
    }

    [Fact]
    public void Every_start_is_equally_likely_without_forced_foreground()
    {
        var counts = Draw(Sampler(Samples.Rule(new(6, 10, 12))), 4000)
            .CountBy(p => p.Location.Depth)
            .ToDictionary();
        Assert.Equal([0, 1, 2, 3], counts.Keys.Order());
        Assert.All(counts.Values, count => Assert.InRange(count, 900, 1100));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(.3)]
    [InlineData(1)]
    public void The_fraction_of_patches_around_foreground_is_the_option(double share)
    {
        // In so large a volume chance hits the last slice once in a hundred.
        var sampler = new PatchSampler(
            [Samples.Case(new(100, 8, 8))],
            Samples.Rule(new(1, 4, 4), PatchKind.Slice, share),
            1
        );
        var hits = Draw(sampler, 3000).Count(p => p.Labels.Any(l => l > 0)) / 3000.0;
        Assert.InRange(hits, share - .04, share + .04);
    }

    [Fact]
    public void A_structure_of_one_voxel_is_sampled_as_often_as_a_large_one()
    {
        // A patch of one voxel is the sought one.
        var sampler = Sampler(Samples.Rule(new(1, 1, 1), PatchKind.Slice, 1));
        var small = Draw(sampler, 2000).Count(p => p.Labels[0] == 2);
        Assert.InRange(small, 900, 1100);
    }

    [Fact]
    public void A_patch_larger_than_its_volume_is_centered_and_filled_with_the_darkest_value()
    {
        var patch = Sampler(Samples.Rule(new(11, 10, 15))).Sample(0, 0, 0);
        Assert.Equal(new PatchLocation(-1, 0, -1), patch.Location);
        Assert.Equal([0f, 0f, 0f], patch.Position);
        var inside = Coordinates(new(11, 10, 15))
            .Select(at => at is { D: >= 1 and <= 9, W: >= 1 and <= 12 })
            .ToArray();
        Assert.Equal(
            Enumerable.Range(0, (int)Volume.Count).Select(i => (float)i),
            patch.Image.Where((_, i) => inside[i])
        );
        Assert.All(patch.Image.Where((_, i) => !inside[i]), v => Assert.Equal(0, v));
        Assert.All(patch.Labels.Where((_, i) => !inside[i]), l => Assert.Equal(0, l));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public void A_slab_is_labeled_by_its_middle_slice(int depth)
    {
        var rule = Samples.Rule(new(depth, 4, 4), PatchKind.Slab, .5, FlipAugmentation.Knees);
        var sampler = new PatchSampler([Samples.Striped(Volume)], rule, 1);
        Assert.All(
            Draw(sampler, 100),
            patch =>
            {
                Assert.Equal(depth * 16, patch.Image.Length);
                Assert.Equal(16, patch.Labels.Length);
                // A voxel's value is its index, and its label the number of its slice.
                var middle = patch.Image.AsSpan(depth / 2 * 16, 16).ToArray();
                Assert.Equal(
                    middle.Select(voxel => (int)voxel / (Volume.Height * Volume.Width)),
                    patch.Labels.Select(label => (int)label)
                );
            }
        );
    }

    [Fact]
    public void A_slab_around_a_structure_has_it_in_its_labeled_slice()
    {
        var labels = new byte[Volume.Count];
        labels.AsSpan(4 * Volume.Height * Volume.Width, Volume.Height * Volume.Width).Fill(1);
        var rule = Samples.Rule(new(5, 4, 4), PatchKind.Slab, 1, FlipAugmentation.Knees);
        var sampler = new PatchSampler([Samples.Counting(Volume, "one", labels, 2)], rule, 1);
        Assert.All(Draw(sampler, 100), patch => Assert.All(patch.Labels, l => Assert.Equal(1, l)));
    }

    [Property]
    public bool A_mirrored_patch_is_the_plain_one_backwards_with_its_position_and_labels(int step)
    {
        var size = new ModelSize(4, 5, 6);
        var axes = Enum.GetValues<ModelAxis>();
        var mirrored = Sampler(Samples.Rule(size, PatchKind.Volume, .5, new(axes, [new(1, 2)])))
            .Sample(0, step, 0);
        var plain = Sampler(Samples.Rule(size, PatchKind.Volume, .5)).Sample(0, step, 0);
        var place = mirrored.Location;
        int[] source =
        [
            .. Coordinates(size)
                .Select(at =>
                    (Turn(at.D, 4, place.MirrorDepth) * 5 + Turn(at.H, 5, place.MirrorHeight)) * 6
                    + Turn(at.W, 6, place.MirrorWidth)
                ),
        ];
        byte Swap(byte label) => place.MirrorDepth && label > 0 ? (byte)(3 - label) : label;
        float[] signs =
        [
            place.MirrorDepth ? -1 : 1,
            place.MirrorHeight ? -1 : 1,
            place.MirrorWidth ? -1 : 1,
        ];
        return source.Select(i => plain.Image[i]).SequenceEqual(mirrored.Image)
            && source.Select(i => Swap(plain.Labels[i])).SequenceEqual(mirrored.Labels)
            && plain.Position.Zip(signs, (p, s) => p * s).SequenceEqual(mirrored.Position);
    }

    [Fact]
    public void Half_of_the_patches_are_mirrored_and_only_along_the_axes_allowed()
    {
        var rule = Samples.Rule(new(4, 4, 4), mirror: new FlipAugmentation([ModelAxis.Height], []));
        var places = Draw(Sampler(rule), 1000).Select(p => p.Location).ToArray();
        Assert.InRange(places.Count(p => p.MirrorHeight), 450, 550);
        Assert.DoesNotContain(places, p => p.MirrorDepth || p.MirrorWidth);
    }

    [Fact]
    public void Brightness_changes_leave_labels_and_places_alone_and_the_image_s_order_nearly()
    {
        var rule = Samples.Rule(new(4, 6, 6), PatchKind.Volume, .5);
        var plain = Draw(Sampler(rule), 200).ToArray();
        var quiet = Augmentation.Light with { Noise = default };
        var changed = Draw(Sampler(rule with { Augmentation = quiet }), 200).ToArray();
        Assert.All(
            plain.Zip(changed),
            pair =>
            {
                Assert.Equal(pair.First.Labels, pair.Second.Labels);
                Assert.Equal(pair.First.Location, pair.Second.Location);
                var order = pair.First.Image.Zip(pair.Second.Image).OrderBy(p => p.First);
                Assert.True(order.Zip(order.Skip(1)).All(p => p.First.Second <= p.Second.Second));
            }
        );
        Assert.All(
            plain.Zip(changed),
            pair => Assert.NotEqual(pair.First.Image, pair.Second.Image)
        );
    }

    [Fact]
    public void Noise_has_the_deviation_that_was_asked_for()
    {
        var rule = Samples.Rule(new(9, 10, 12)) with
        {
            Augmentation = new() { Noise = new(.5, .5) },
        };
        var plain = Sampler(Samples.Rule(new(9, 10, 12))).Sample(0, 0, 0).Image;
        var deviations = Draw(Sampler(rule), 400)
            .Select(p => Math.Sqrt(p.Image.Zip(plain, (a, b) => (a - b) * (a - b)).Average()))
            .ToArray();
        // Half of the patches have none; the others any up to .5, hence .25 in the mean.
        Assert.InRange(deviations.Count(d => d == 0), 160, 240);
        Assert.InRange(deviations.Max(), .45, .53);
        Assert.InRange(deviations.Where(d => d > 0).Average(), .21, .29);
    }

    private static PatchSampler Sampler(PatchSamplingOptions rule) =>
        new([Samples.Case(Volume)], rule, 1);

    private static IEnumerable<Patch> Draw(PatchSampler sampler, int count) =>
        Enumerable.Range(0, count).Select(step => sampler.Sample(0, step, 0));

    private static IEnumerable<(int D, int H, int W)> Coordinates(ModelSize size) =>
        from d in Enumerable.Range(0, size.Depth)
        from h in Enumerable.Range(0, size.Height)
        from w in Enumerable.Range(0, size.Width)
        select (d, h, w);

    private static int Turn(int index, int length, bool mirror) =>
        mirror ? length - 1 - index : index;
}
