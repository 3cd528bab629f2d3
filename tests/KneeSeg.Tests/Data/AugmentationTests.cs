using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class AugmentationTests
{
    private static readonly ModelSize Volume = new(40, 44, 48);
    private static readonly ModelSize Patch = new(16, 20, 24);

    private static readonly Augmentation Moves = new()
    {
        Rotation = new(25, 1),
        Scaling = new(.3, 1),
        Elastic = new(3, 1),
    };

    [Fact]
    public void Image_and_labels_move_together()
    {
        // The image is a ramp that any interpolation meets; the labels are where it is above a height.
        var ramp = Ramp();
        // In the middle, where no patch reaches the border.
        var rule = Rule(Moves, FlipAugmentation.Knees) with
        {
            Distribution = CropDistribution.Centered,
        };
        var sampler = new PatchSampler([ramp], rule, 3);
        for (var step = 0; step < 40; step++)
        {
            var patch = sampler.Sample(0, step, 0);
            var apart = patch
                .Image.Zip(patch.Labels)
                // The nearest voxel is at most half a voxel away along each axis, and the ramp 0.8 higher or lower there.
                .Count(voxel =>
                    voxel.First > Height + .801 && voxel.Second == 0
                    || voxel.First < Height - .801 && voxel.Second == 1
                );
            Assert.Equal(0, apart);
            Assert.True(patch.Labels.Distinct().All(label => label <= 1));
        }
    }

    [Fact]
    public void A_patch_is_a_pure_function_of_its_counters()
    {
        PreprocessedCase[] cases = [Ramp()];
        var rule = Rule(Augmentation.Default, FlipAugmentation.Knees);
        var all = Enumerable
            .Range(0, 12)
            .Select(step => new PatchSampler(cases, rule, 9).Sample(2, step, 1))
            .ToArray();
        var sampler = new PatchSampler(cases, rule, 9);
        Parallel.For(
            0,
            12,
            step =>
            {
                var patch = sampler.Sample(2, step, 1);
                Assert.Equal(all[step].Image, patch.Image);
                Assert.Equal(all[step].Labels, patch.Labels);
            }
        );
    }

    [Fact]
    public void A_mirrored_patch_is_the_patch_mirrored_however_it_grows()
    {
        var scaling = new Augmentation { Scaling = new(.3, 1) };
        FlipAugmentation all = new([ModelAxis.Depth, ModelAxis.Height, ModelAxis.Width], []);
        PreprocessedCase[] cases = [Ramp()];
        for (var step = 0; step < 20; step++)
        {
            var mirrored = new PatchSampler(cases, Rule(scaling, all), 4).Sample(0, step, 0);
            var plain = new PatchSampler(cases, Rule(scaling, FlipAugmentation.None), 4).Sample(
                0,
                step,
                0
            );
            var (d, h, w) = (
                mirrored.Location.MirrorDepth,
                mirrored.Location.MirrorHeight,
                mirrored.Location.MirrorWidth
            );
            for (var at = 0; at < plain.Image.Length; at++)
            {
                var (i, j, k) = (at / 480, at / 24 % 20, at % 24);
                var other = ((d ? 15 - i : i) * 20 + (h ? 19 - j : j)) * 24 + (w ? 23 - k : k);
                Assert.Equal(plain.Image[other], mirrored.Image[at], 1e-3);
                Assert.Equal(d ? -plain.Position[0] : plain.Position[0], mirrored.Position[0]);
            }
        }
    }

    [Fact]
    public void Turning_keeps_the_size_of_things_in_millimeters()
    {
        // A ball of 6 mm radius among voxels of 2 x 1 x 0.5 mm.
        var grid = Grid.Centered(new(64, 40, 24), new(.5, 1, 2), "PIR");
        var ball = grid.Center;
        var labels = new byte[grid.Size.Count];
        foreach (var (place, i) in Imaging.ResamplerTests.Points(grid).Select((p, i) => (p, i)))
            labels[i] = (place - ball).Length < 6 ? (byte)1 : (byte)0;
        var image = Array.ConvertAll(labels, label => (float)label);
        var prepared = PreprocessedCase.From(
            "ball",
            new(new(grid, image), 0),
            new(grid, labels),
            2
        );
        var rule = new PatchSamplingOptions(
            new(24, 40, 64),
            PatchKind.Volume,
            0,
            FlipAugmentation.None,
            new() { Rotation = new(45, 1) }
        );
        var voxels = 4.0 / 3 * Math.PI * 216;
        for (var step = 0; step < 10; step++)
        {
            var patch = new PatchSampler([prepared], rule, 1).Sample(0, step, 0);
            Assert.InRange(patch.Labels.Count(l => l == 1), .93 * voxels, 1.07 * voxels);
        }
    }

    [Fact]
    public void A_thin_patch_turns_in_its_plane_alone()
    {
        var volume = Samples.Striped(new(9, 30, 30));
        var rule = new PatchSamplingOptions(
            new(5, 16, 16),
            PatchKind.Slab,
            0,
            FlipAugmentation.None,
            Moves
        );
        for (var step = 0; step < 20; step++)
        {
            var patch = new PatchSampler([volume], rule, 1).Sample(0, step, 0);
            // Each slice has its number as label.
            var inside = patch.Labels.Where(label => label != 0).Distinct().ToArray();
            Assert.True(inside is [] || inside is [var one] && one == patch.Location.Depth + 2);
        }
    }

    [Fact]
    public void Quarter_turns_are_exact_and_each_as_frequent()
    {
        PreprocessedCase[] cases = [Waves()];
        PatchSamplingOptions Rule(Augmentation augmentation) =>
            new(new(4, 9, 9), PatchKind.Volume, 0, FlipAugmentation.None, augmentation)
            {
                Distribution = CropDistribution.Centered,
            };
        var plain = new PatchSampler(cases, Rule(Augmentation.None), 1).Sample(0, 0, 0);
        var turned = new PatchSampler(cases, Rule(new() { QuarterTurns = new(2, 1) }), 1);
        var counts = new int[3];
        for (var step = 0; step < 300; step++)
        {
            var patch = turned.Sample(0, step, 0);
            var times = Enumerable.Range(0, 3).Single(n => AreNear(Turned(n), patch.Image));
            counts[times]++;
        }
        Assert.All(counts, count => Assert.InRange(count, 65, 135));

        // As numpy.rot90 has it, in each slice: n times, what was last along the width becomes first along the height.
        float[] Turned(int times)
        {
            var image = plain.Image;
            for (; times > 0; times--)
                image =
                [
                    .. Enumerable
                        .Range(0, image.Length)
                        .Select(at => image[at / 81 * 81 + at % 9 * 9 + 8 - at / 9 % 9]),
                ];
            return image;
        }

        static bool AreNear(float[] a, float[] b) =>
            a.Zip(b).All(pair => Math.Abs(pair.First - pair.Second) < 1e-4);
    }

    private static readonly Dictionary<string, Augmentation> EachKind = new()
    {
        ["rotation"] = new() { Rotation = new(20, .3) },
        ["scaling"] = new() { Scaling = new(.3, .3) },
        ["elastic"] = new() { Elastic = new(3, .3) },
        ["shift"] = new() { Shift = new(.5, .3) },
        ["contrast"] = new() { Contrast = new(.5, .3) },
        ["gain"] = new() { Gain = new(.5, .3) },
        ["gamma"] = new() { Gamma = new(.5, .3) },
        ["noise"] = new() { Noise = new(.5, .3) },
        ["blur"] = new() { Blur = new(2, .3) },
        ["low resolution"] = new() { LowResolution = new(2, .3) },
        ["bias"] = new() { Bias = new(.5, .3) },
        ["cut-out"] = new() { CutOut = new(.5, .3) },
    };

    public static TheoryData<string> Kinds => [.. EachKind.Keys];

    public static TheoryData<string> KindsOfBrightness => [.. EachKind.Keys.Skip(3)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_chance_is_the_share_of_patches_that_change(string kind)
    {
        const int patches = 600;
        PreprocessedCase[] cases = [Waves()];
        // In the middle, so that a patch does not lie elsewhere for having drawn other numbers.
        var rule = Rule(EachKind[kind]) with
        {
            Size = new(8, 8, 8),
            Distribution = CropDistribution.Centered,
        };
        var plain = new PatchSampler(cases, rule with { Augmentation = Augmentation.None }, 1)
            .Sample(0, 0, 0)
            .Image;
        var sampler = new PatchSampler(cases, rule, 1);
        var changed = Enumerable
            .Range(0, patches)
            .Count(step => !sampler.Sample(0, step, 0).Image.SequenceEqual(plain));
        // Four deviations, and a few blurs too weak to see.
        Assert.InRange(changed / (double)patches, .22, .375);
    }

    [Theory]
    [MemberData(nameof(KindsOfBrightness))]
    public void An_intensity_transform_leaves_labels_and_positions_alone(string kind)
    {
        PreprocessedCase[] cases = [Waves()];
        var spreads = new List<double>();
        for (var step = 0; step < 60; step++)
        {
            var plain = new PatchSampler(cases, Rule(Augmentation.None), 7).Sample(0, step, 0);
            var other = new PatchSampler(cases, Rule(EachKind[kind]), 7).Sample(0, step, 0);
            Assert.Equal(plain.Location, other.Location);
            Assert.Equal(plain.Labels, other.Labels);
            Assert.All(other.Image, value => Assert.True(float.IsFinite(value)));
            if (!plain.Image.SequenceEqual(other.Image))
                spreads.Add(Spread(other.Image) / Spread(plain.Image));
        }
        // What takes detail away makes images flatter, noise makes them rougher.
        if (kind is "blur" or "low resolution" or "cut-out")
            Assert.True(spreads.Average() < .99, $"{spreads.Average()}");
        if (kind is "noise")
            Assert.True(spreads.Average() > 1.01, $"{spreads.Average()}");
    }

    [Fact]
    public void A_half_normal_change_only_adds_and_has_the_law_s_mean()
    {
        var plain = new PatchSampler([Ramp()], Rule(Augmentation.None), 1);
        var brighter = new PatchSampler(
            [Ramp()],
            Rule(new() { Shift = new(.1, 1, MagnitudeDistribution.HalfNormal) }),
            1
        );
        var added = Enumerable
            .Range(0, 500)
            .Select(step =>
                brighter.Sample(0, step, 0).Image[0] - plain.Sample(0, step, 0).Image[0]
            )
            .ToArray();
        Assert.All(added, value => Assert.True(value > -1e-5));
        Assert.Equal(.1 * Math.Sqrt(2 / Math.PI), added.Average(), .01);
    }

    private const float Height = 40;

    private static PatchSamplingOptions Rule(
        Augmentation augmentation,
        FlipAugmentation? mirror = null
    ) => new(Patch, PatchKind.Volume, 0, mirror ?? FlipAugmentation.None, augmentation);

    private static PreprocessedCase Ramp() => Of((d, h, w) => 1 + .5f * d + .7f * h + .4f * w);

    private static PreprocessedCase Waves() =>
        Of((d, h, w) => MathF.Sin(d) + MathF.Cos(1.3f * h) + MathF.Sin(.8f * w));

    private static PreprocessedCase Of(Func<int, int, int, float> value)
    {
        var grid = Grid.Centered(
            new(Volume.Width, Volume.Height, Volume.Depth),
            new(1, 1, 1),
            "PIR"
        );
        var image = new float[Volume.Count];
        for (var i = 0; i < image.Length; i++)
            image[i] = value(
                i / (Volume.Height * Volume.Width),
                i / Volume.Width % Volume.Height,
                i % Volume.Width
            );
        var labels = Array.ConvertAll(image, v => v >= Height ? (byte)1 : (byte)0);
        return PreprocessedCase.From("case", new(new(grid, image), 0), new(grid, labels), 2);
    }

    private static double Spread(float[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}
