using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Dsl;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using KneeSeg.Specs;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class ExactTilingTests
{
    [Theory]
    [InlineData("unet3d+tiny", 160, 16, 20)]
    [InlineData("vnet+tiny", 16, 20, 500)]
    [InlineData("unet3d+tiny+relative", 16, 170, 24)]
    public void Tiles_together_equal_the_whole_volume(string spec, int d, int h, int w) =>
        AnswersAsTheWhole(spec, new(d, h, w), new ModelSize(32, 32, 32));

    [Theory]
    [InlineData("unet+tiny", 400, 30)]
    [InlineData("segnet+tiny", 600, 33)]
    [InlineData("attention-unet+tiny", 32, 500)]
    public void Tiles_of_slices_together_equal_the_whole_slice(string spec, int h, int w) =>
        AnswersAsTheWhole(spec, new(2, h, w), new ModelSize(1, 32, 32));

    [Fact]
    public void Tiles_together_equal_the_whole_where_sizes_are_not_the_input_s_divided()
    {
        AnswersAsTheWhole(Unpadded.small, new(2, 48, 260), new ModelSize(1, 48, 48));
        AnswersAsTheWhole(Unpadded.shifted, new(12, 8, 70), new ModelSize(16, 16, 16));
    }

    [Fact]
    public void Larger_windows_come_nearer_to_the_whole()
    {
        ModelSize size = new(16, 96, 96);
        using var network = Network("unet3d+tiny");
        var whole = Whole(network, Kind(network), size);
        double Off(int window) =>
            Slabs
                .Together(
                    Windows(network, new(PatchKind.Volume, new(16, window, window)))
                        .SliceRanges(
                            Image(size),
                            size,
                            WindowPlan.Overlapping(
                                new(PatchKind.Volume, new(16, window, window)),
                                size
                            )
                        )
                )[1]
                .Zip(whole[1], (a, b) => Math.Abs(a - b))
                .Average();

        var off = new[] { 16, 32, 64, 96 }.Select(Off).ToArray();

        Assert.Equal(off.OrderDescending(), off);
        Assert.InRange(off[^1], 0, 1e-6);
    }

    [Theory]
    [InlineData("unet3d+tiny+instance-norm", "normalizes over the whole feature map")]
    [InlineData("deeplab-v3-plus+tiny", "pools the whole feature map")]
    [InlineData("unet-plus-plus+tiny", "upsamples with aligned corners")]
    public void Networks_with_a_global_receptive_field_are_refused(string spec, string why)
    {
        var graph = Networks.Load(spec, 1, 3);
        var patch = ModelInput.Of(graph, [32, 32, 32]);

        var problem = Assert.Throws<ProblemException>(() =>
            ExactTiling.For(graph, patch, new(64, 64, 64), 4, long.MaxValue)
        );

        Assert.Equal((ExitCode.Spec, true), (problem.Exit, problem.What.StartsWith(why)));
    }

    [Fact]
    public void Less_memory_makes_smaller_tiles_until_none_fits()
    {
        var graph = Networks.Load("unet3d+tiny", 1, 3);
        var patch = ModelInput.Of(graph, [32, 32, 32]);
        ModelSize volume = new(320, 320, 320);
        long Voxels(long memory) => ExactTiling.For(graph, patch, volume, 4, memory).Largest.Count;

        Assert.Equal(volume.Count, Voxels(long.MaxValue));
        Assert.True(Voxels(2_000_000_000) < Voxels(4_000_000_000));
        Assert.Equal(
            ExitCode.Resources,
            Assert.Throws<ProblemException>(() => Voxels(100_000_000)).Exit
        );
    }

    private static void AnswersAsTheWhole(string spec, ModelSize size, ModelSize patch)
    {
        using var network = Network(spec);
        ModelInput trained = new(Kind(network), patch);
        var (graph, margin) = (network.Graph, Networks.TileMargin(network.Graph));
        AxisTiles Axis(int length, Index axis) =>
            AxisTiles.Exact(
                length,
                new(graph.Multiple[axis], margin.Before[axis], margin.After[axis]),
                core: 2 * graph.Multiple[axis]
            );
        WindowPlan plan = new(
            graph.Axes == 2 ? AxisTiles.PerSlice(size.Depth, 1) : Axis(size.Depth, 0),
            Axis(size.Height, ^2),
            Axis(size.Width, ^1)
        );
        // One is seen without either end of the volume.
        Assert.Contains(
            new[] { plan.Depth, plan.Height, plan.Width },
            axis =>
                axis.Tiles.Any(tile =>
                    tile.InputOffset > 0
                    && tile.Length > 1
                    && tile.InputOffset + tile.Length < axis.Size
                )
        );

        var tiles = Slabs.Together(Windows(network, trained).SliceRanges(Image(size), size, plan));

        var whole = Whole(network, trained.Kind, size);
        for (var label = 0; label < whole.Length; label++)
            Assert.Equal(whole[label], tiles[label], (a, b) => Math.Abs(a - b) < 1e-5);
    }

    // The network's own answer, without any window.
    private static float[][] Whole(TorchNetwork network, PatchKind kind, ModelSize size)
    {
        using var scope = NewDisposeScope();
        network.eval();
        var multiple = network.Graph.Multiple;
        int Padded(int length, Index axis) =>
            (length + multiple[axis] - 1) / multiple[axis] * multiple[axis];
        var image = tensor(Image(size)).reshape(1, 1, size.Depth, size.Height, size.Width);
        var (height, width) = (Padded(size.Height, ^2), Padded(size.Width, ^1));
        var depth = kind == PatchKind.Slice ? size.Depth : Padded(size.Depth, 0);
        var padded = full([1, 1, depth, height, width], image.min().item<float>());
        var place = padded
            .narrow(2, (depth - size.Depth) / 2, size.Depth)
            .narrow(3, (height - size.Height) / 2, size.Height)
            .narrow(4, (width - size.Width) / 2, size.Width);
        place.copy_(image);
        var batch = kind == PatchKind.Slice ? padded.permute(2, 1, 0, 3, 4).squeeze(2) : padded;
        var position = zeros(batch.shape[0], 3);
        using var quiet = no_grad();
        var probabilities = OutputValues.Probabilities(network.forward(batch, position));
        var maps =
            kind == PatchKind.Slice ? probabilities.permute(1, 0, 2, 3) : probabilities.squeeze(0);
        maps = maps.narrow(1, (depth - size.Depth) / 2, size.Depth)
            .narrow(2, (height - size.Height) / 2, size.Height)
            .narrow(3, (width - size.Width) / 2, size.Width);
        return [.. maps.unbind(0).Select(map => map.contiguous().data<float>().ToArray())];
    }

    private static TorchNetwork Network(string spec) => new(Networks.Load(spec, 1, 3), seed: 3);

    private static PatchKind Kind(TorchNetwork network) =>
        network.Graph.Axes == 2 ? PatchKind.Slice : PatchKind.Volume;

    private static SlidingWindow Windows(TorchNetwork network, ModelInput patch) =>
        new(network, patch, Precision.Fp32, CPU);

    private static float[] Image(ModelSize size)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, (int)size.Count).Select(_ => (float)random.NextDouble())];
    }
}
