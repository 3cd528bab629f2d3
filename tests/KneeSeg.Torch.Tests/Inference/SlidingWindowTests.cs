using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class SlidingWindowTests
{
    private static readonly ModelSize Size = new(11, 9, 14);

    [Fact]
    public void A_constant_network_predicts_its_constants_in_every_voxel()
    {
        using var network = HandMadeNetworks.Convolution([1, 1, 1], [0, 0, 0], [1, 2, 0.5f]);

        var maps = Predict(network, PatchKind.Volume, new(4, 4, 6), Ramp(Size), Size);

        var sum = Math.Exp(1) + Math.Exp(2) + Math.Exp(0.5);
        Assert.All(maps[0], p => Assert.Equal(Math.Exp(1) / sum, p, 1e-5));
        Assert.All(maps[1], p => Assert.Equal(Math.Exp(2) / sum, p, 1e-5));
        Assert.All(Labels(maps), label => Assert.Equal(1, label));
    }

    [Theory]
    [InlineData(4, 4, 6)]
    [InlineData(11, 9, 14)]
    [InlineData(16, 16, 16)]
    [InlineData(5, 12, 3)]
    public void A_pointwise_network_gives_the_same_in_windows_as_in_the_whole(int d, int h, int w)
    {
        using var network = HandMadeNetworks.Convolution([1, 1, 1], [0, 1.5f], [0.25f, -1]);
        var image = Ramp(Size);

        var maps = Predict(network, PatchKind.Volume, new(d, h, w), image, Size);

        var wanted = image.Select(x => 1 / (1 + Math.Exp(0.25 - (1.5 * x - 1))));
        Assert.Equal(wanted, maps[1].Select(p => (double)p), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void A_network_of_one_class_gives_its_absence_and_its_presence()
    {
        using var network = HandMadeNetworks.Convolution([1, 1, 1], [2], [-1]);
        var image = Ramp(Size);

        var maps = Predict(network, PatchKind.Volume, new(8, 8, 8), image, Size);

        Assert.Equal(2, maps.Length);
        Assert.Equal(image.Select(x => (byte)(2 * x - 1 > 0 ? 1 : 0)), Labels(maps));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(10)]
    public void A_slice_by_itself_has_the_labels_that_it_has_in_the_whole(int slice)
    {
        // Label 1 where the image is above its middle, so slices differ.
        using var network = HandMadeNetworks.Convolution([1, 1, 1], [0, 1], [0, -0.5f]);
        var windows = new SlidingWindow(
            network,
            new(PatchKind.Volume, new(4, 4, 6)),
            Precision.Fp32,
            CPU
        );
        float[] image = [.. Enumerable.Range(0, (int)Size.Count).Select(i => i * 7 % 11 / 10f)];
        var plane = Size.Height * Size.Width;

        Assert.Equal(
            windows.Labels(image, Size)[(slice * plane)..((slice + 1) * plane)],
            windows.Labels(image, Size, slice)
        );
    }

    [Fact]
    public void A_planar_network_labels_each_slice_by_itself()
    {
        // The sum of a voxel's three neighbors along the width, itself in the middle.
        using var network = HandMadeNetworks.Convolution([1, 3], [0, 0, 0, 1, 1, 1], [0, 0]);
        var image = Ramp(Size);

        var maps = Predict(network, PatchKind.Slice, new(1, Size.Height, Size.Width), image, Size);

        for (var i = 0; i < image.Length; i++)
        {
            var column = i % Size.Width;
            // Beyond the patch the network's own padding is 0.
            var sum =
                (column > 0 ? image[i - 1] : 0)
                + image[i]
                + (column < Size.Width - 1 ? image[i + 1] : 0);
            Assert.Equal(1 / (1 + Math.Exp(-sum)), maps[1][i], 1e-5);
        }
    }

    [Fact]
    public void A_slab_network_receives_its_neighbors_and_the_last_slice_twice_at_the_end()
    {
        // One class's logit is the slice before, the other's the slice after.
        using var network = HandMadeNetworks.Convolution([3, 1, 1], [1, 0, 0, 0, 0, 1], [0, 0]);
        var image = Ramp(Size);
        var slice = Size.Height * Size.Width;

        var maps = Predict(network, PatchKind.Slab, new(3, 6, 6), image, Size);

        for (var i = 0; i < image.Length; i++)
        {
            var (depth, rest) = Math.DivRem(i, slice);
            var before = image[Math.Max(0, depth - 1) * slice + rest];
            var after = image[Math.Min(Size.Depth - 1, depth + 1) * slice + rest];
            Assert.Equal(1 / (1 + Math.Exp(before - after)), maps[1][i], 1e-5);
        }
    }

    [Fact]
    public void Each_window_receives_its_position()
    {
        using var network = HandMadeNetworks.Position();

        // Two windows along the depth only, and their middle: at voxel 0 the first one speaks alone.
        var maps = Predict(
            network,
            PatchKind.Volume,
            new(8, 9, 14),
            new float[16 * 9 * 14],
            new(16, 9, 14)
        );

        var sum = Math.Exp(-1) + 2;
        Assert.Equal(Math.Exp(-1) / sum, maps[0][0], 1e-5);
        Assert.Equal(1 / sum, maps[1][0], 1e-5);
        Assert.Equal(Math.E / (Math.E + 2), maps[0][^1], 1e-5);
    }

    [Fact]
    public void Windows_are_padded_with_the_minimum_intensity()
    {
        using var network = HandMadeNetworks.Convolution([1, 3, 1], [0, 0, 0, 1, 1, 1], [0, 0]);
        float[] image = [.. Ramp(new(1, 2, 1)).Select(x => x + 5)];

        var maps = Predict(network, PatchKind.Volume, new(1, 6, 1), image, new(1, 2, 1));

        Assert.Equal(1 / (1 + Math.Exp(-(image.Min() + image[0] + image[1]))), maps[1][0], 1e-5);
    }

    [Fact]
    public void A_network_in_training_is_in_training_afterwards()
    {
        using var network = HandMadeNetworks.Convolution([1, 1, 1], [0, 1], [0, 0]);
        network.train();

        Predict(network, PatchKind.Volume, new(4, 4, 4), Ramp(Size), Size);

        Assert.True(network.training);
    }

    [Fact]
    public void Values_that_are_not_finite_are_a_problem_of_numerics()
    {
        using var network = HandMadeNetworks.Convolution([1, 1, 1], [0, float.NaN], [0, 0]);

        var problem = Assert.Throws<ProblemException>(() =>
            Predict(network, PatchKind.Volume, new(4, 4, 4), Ramp(Size), Size)
        );

        Assert.Equal(ExitCode.Numerics, problem.Exit);
    }

    [Fact]
    public void Progress_counts_every_window()
    {
        using var network = HandMadeNetworks.Convolution([1, 1, 1], [0, 1], [0, 0]);
        var heard = new List<int>();

        Predict(
            network,
            PatchKind.Volume,
            new(8, 9, 14),
            new float[16 * 9 * 14],
            new(16, 9, 14),
            progress: heard.Add
        );

        Assert.Equal(3, heard.Sum());
    }

    [Fact]
    public void Mirrored_windows_are_averaged_with_the_window_itself()
    {
        // One class's logit is the voxel before along the width, the other's the voxel after.
        using var network = HandMadeNetworks.Convolution([1, 1, 3], [1, 0, 0, 0, 0, 1], [0, 0]);
        var image = Ramp(Size);
        TestTimeFlip[] flips = [new([ModelAxis.Width], [])];

        var maps = Predict(network, PatchKind.Volume, Size, image, Size, flips);

        for (var i = 0; i < image.Length; i++)
        {
            var column = i % Size.Width;
            var before = column > 0 ? image[i - 1] : 0;
            var after = column < Size.Width - 1 ? image[i + 1] : 0;
            var said = 1 / (1 + Math.Exp(before - after));
            Assert.Equal((said + (1 - said)) / 2, maps[1][i], 1e-5);
        }
    }

    [Fact]
    public void A_mirrored_position_runs_backwards()
    {
        using var network = HandMadeNetworks.Position();
        TestTimeFlip[] flips = [new([ModelAxis.Depth], [])];

        var maps = Predict(
            network,
            PatchKind.Volume,
            new(8, 9, 14),
            new float[16 * 9 * 14],
            new(16, 9, 14),
            flips
        );

        var mean = (Math.Exp(-1) / (Math.Exp(-1) + 2) + Math.E / (Math.E + 2)) / 2;
        Assert.Equal(mean, maps[0][0], 1e-5);
    }

    [Fact]
    public void Left_and_right_labels_are_swapped_in_a_flip()
    {
        using var network = HandMadeNetworks.Convolution([1, 1, 1], [0, 0, 0], [0, 2, -1]);
        TestTimeFlip[] flips = [new([ModelAxis.Depth], [new(1, 2)])];

        var maps = Predict(network, PatchKind.Volume, Size, Ramp(Size), Size, flips);

        Assert.Equal(maps[1][0], maps[2][0], 1e-6);
    }

    private static float[][] Predict(
        TorchNetwork network,
        PatchKind kind,
        ModelSize patch,
        float[] image,
        ModelSize size,
        TestTimeFlip[]? flips = null,
        Action<int>? progress = null
    ) =>
        Slabs.Together(
            new SlidingWindow(network, new(kind, patch), Precision.Fp32, CPU, flips).SliceRanges(
                image,
                size,
                WindowPlan.Overlapping(new(kind, patch), size),
                progress
            )
        );

    private static byte[] Labels(float[][] maps)
    {
        var labels = new byte[maps[0].Length];
        Argmax.Labels([.. maps.Select(map => (ReadOnlyMemory<float>)map)], labels);
        return labels;
    }

    // Values between -1 and 2 without a pattern that windows could hide behind.
    private static float[] Ramp(ModelSize size) =>
        [
            .. Enumerable
                .Range(0, (int)size.Count)
                .Select(i => (float)(i * 7919L % 1000 / 333.0 - 1)),
        ];
}
