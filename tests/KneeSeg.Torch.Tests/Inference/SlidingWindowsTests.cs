using KneeSeg.Data;
using KneeSeg.Inference;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class SlidingWindowsTests
{
    private static readonly ModelSize Size = new(11, 9, 14);

    [Fact]
    public void AConstantNetworkPredictsItsConstantsInEveryVoxel()
    {
        using var network = Networks.Convolution([1, 1, 1], [0, 0, 0], [1, 2, 0.5f]);

        var maps = Predict(network, PatchKind.Volume, new(4, 4, 6), Ramp(Size), Size);

        var sum = Math.Exp(1) + Math.Exp(2) + Math.Exp(0.5);
        Assert.All(maps.Maps[0], p => Assert.Equal(Math.Exp(1) / sum, p, 1e-5));
        Assert.All(maps.Maps[1], p => Assert.Equal(Math.Exp(2) / sum, p, 1e-5));
        Assert.All(maps.Labels(), label => Assert.Equal(1, label));
    }

    [Theory]
    [InlineData(4, 4, 6)]
    [InlineData(11, 9, 14)]
    [InlineData(16, 16, 16)]
    [InlineData(5, 12, 3)]
    public void ANetworkThatLooksAtAVoxelAloneGivesTheSameInWindowsAsInTheWhole(int d, int h, int w)
    {
        using var network = Networks.Convolution([1, 1, 1], [0, 1.5f], [0.25f, -1]);
        var image = Ramp(Size);

        var maps = Predict(network, PatchKind.Volume, new(d, h, w), image, Size);

        var wanted = image.Select(x => 1 / (1 + Math.Exp(0.25 - (1.5 * x - 1))));
        Assert.Equal(wanted, maps.Maps[1].Select(p => (double)p), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void ANetworkOfOneClassGivesItsAbsenceAndItsPresence()
    {
        using var network = Networks.Convolution([1, 1, 1], [2], [-1]);
        var image = Ramp(Size);

        var maps = Predict(network, PatchKind.Volume, new(8, 8, 8), image, Size);

        Assert.Equal(2, maps.Maps.Length);
        Assert.Equal(image.Select(x => (byte)(2 * x - 1 > 0 ? 1 : 0)), maps.Labels());
    }

    [Fact]
    public void APlanarNetworkLabelsEachSliceByItself()
    {
        // The sum of a voxel's three neighbours along the width, itself in the middle.
        using var network = Networks.Convolution([1, 3], [0, 0, 0, 1, 1, 1], [0, 0]);
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
            Assert.Equal(1 / (1 + Math.Exp(-sum)), maps.Maps[1][i], 1e-5);
        }
    }

    [Fact]
    public void ASlabNetworkSeesItsNeighboursAndTheLastSliceTwiceAtTheEnd()
    {
        // One class's logit is the slice before, the other's the slice after.
        using var network = Networks.Convolution([3, 1, 1], [1, 0, 0, 0, 0, 1], [0, 0]);
        var image = Ramp(Size);
        var slice = Size.Height * Size.Width;

        var maps = Predict(network, PatchKind.Slab, new(3, 6, 6), image, Size);

        for (var i = 0; i < image.Length; i++)
        {
            var (depth, rest) = Math.DivRem(i, slice);
            var before = image[Math.Max(0, depth - 1) * slice + rest];
            var after = image[Math.Min(Size.Depth - 1, depth + 1) * slice + rest];
            Assert.Equal(1 / (1 + Math.Exp(before - after)), maps.Maps[1][i], 1e-5);
        }
    }

    [Fact]
    public void EachWindowIsToldWhereItIs()
    {
        using var network = Networks.Position();

        // Two windows along the depth only, and their middle: at voxel 0 the first one speaks alone.
        var maps = Predict(
            network,
            PatchKind.Volume,
            new(8, 9, 14),
            new float[16 * 9 * 14],
            new(16, 9, 14)
        );

        var sum = Math.Exp(-1) + 2;
        Assert.Equal(Math.Exp(-1) / sum, maps.Maps[0][0], 1e-5);
        Assert.Equal(1 / sum, maps.Maps[1][0], 1e-5);
        Assert.Equal(Math.E / (Math.E + 2), maps.Maps[0][^1], 1e-5);
    }

    [Fact]
    public void BeyondTheBorderIsTheDarkestVoxel()
    {
        using var network = Networks.Convolution([1, 3, 1], [0, 0, 0, 1, 1, 1], [0, 0]);
        float[] image = [.. Ramp(new(1, 2, 1)).Select(x => x + 5)];

        var maps = Predict(network, PatchKind.Volume, new(1, 6, 1), image, new(1, 2, 1));

        Assert.Equal(
            1 / (1 + Math.Exp(-(image.Min() + image[0] + image[1]))),
            maps.Maps[1][0],
            1e-5
        );
    }

    [Fact]
    public void ANetworkInTrainingIsInTrainingAfterwards()
    {
        using var network = Networks.Convolution([1, 1, 1], [0, 1], [0, 0]);
        network.train();

        Predict(network, PatchKind.Volume, new(4, 4, 4), Ramp(Size), Size);

        Assert.True(network.training);
    }

    [Fact]
    public void ValuesThatAreNotFiniteAreAProblemOfNumerics()
    {
        using var network = Networks.Convolution([1, 1, 1], [0, float.NaN], [0, 0]);

        var problem = Assert.Throws<ProblemException>(() =>
            Predict(network, PatchKind.Volume, new(4, 4, 4), Ramp(Size), Size)
        );

        Assert.Equal(ExitCode.Numerics, problem.Exit);
    }

    [Fact]
    public void ProgressCountsEveryWindow()
    {
        using var network = Networks.Convolution([1, 1, 1], [0, 1], [0, 0]);
        var heard = new List<(int Done, int All)>();

        new SlidingWindows(
            network,
            new(PatchKind.Volume, new(8, 9, 14)),
            Precision.Fp32,
            CPU
        ).Predict(new float[16 * 9 * 14], new(16, 9, 14), (done, all) => heard.Add((done, all)));

        Assert.Equal((3, 3), heard[^1]);
    }

    private static ClassMaps Predict(
        TorchNetwork network,
        PatchKind kind,
        ModelSize patch,
        float[] image,
        ModelSize size
    ) => new SlidingWindows(network, new(kind, patch), Precision.Fp32, CPU).Predict(image, size);

    // Values between -1 and 2 without a pattern that windows could hide behind.
    private static float[] Ramp(ModelSize size) =>
        [
            .. Enumerable
                .Range(0, (int)size.Count)
                .Select(i => (float)(i * 7919L % 1000 / 333.0 - 1)),
        ];
}
