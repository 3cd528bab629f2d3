using KneeSeg.Dsl;
using KneeSeg.Specs;
using KneeSeg.Torch.Native;
using static KneeSeg.Torch.Tests.SmallGraph;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>
/// Transformer blocks against the same in float64, worked out for all pairs of voxels at once: no windows are cut out,
/// nothing is shifted.
/// </summary>
public sealed class AttentionTests
{
    private const int Channels = 6;
    private const int Heads = 2;

    public AttentionTests() => NativeStart.Initialize();

    [Theory]
    [InlineData(3, 5)]
    [InlineData(2, 3, 4)]
    public void A_block_attends_as_ViT_does(params int[] size) =>
        Compare(
            Transformers.vit(size.Length, Heads),
            size,
            (weights, tokens) =>
                Attended(weights.Linear("sum1.side2.conv1", tokens), zeros([1, 1, 1, 1], float64))
        );

    [Theory]
    [InlineData(false, 4, 8, 12)]
    [InlineData(true, 4, 8, 12)]
    [InlineData(false, 4, 7, 9)]
    [InlineData(true, 4, 7, 9)]
    [InlineData(true, 4, 3, 9)]
    [InlineData(true, 4, 3, 2)]
    [InlineData(false, 3, 4, 3, 5)]
    [InlineData(true, 3, 4, 3, 7)]
    [InlineData(true, 3, 6, 2, 2)]
    public void A_block_attends_as_Swin_does(bool shifted, int window, params int[] size)
    {
        var lengths = Array.ConvertAll(size, length => new Axis(length, window, shifted));
        var voxels = Voxels(Array.ConvertAll(lengths, axis => axis.Padded));
        var inside = voxels.Where(at => at.Zip(size).All(axis => axis.First < axis.Second));
        long[] places = [.. inside.Select(at => (long)Array.IndexOf(voxels, at))];
        Compare(
            Transformers.swin(size.Length, Heads, window, shifted),
            size,
            (weights, tokens) =>
            {
                var padded = zeros([tokens.shape[0], voxels.Length, Channels], float64)
                    .index_copy(1, tensor(places), tokens);
                var table = weights["sum1.side2.attention1.relative_position_bias_table"];
                long[] rows = [.. Pairs(voxels, (a, b) => TableRow(lengths, a, b))];
                double[] apart =
                [
                    .. Pairs(voxels, (a, b) => Meet(lengths, a, b) ? 0 : double.NegativeInfinity),
                ];
                var scores =
                    table[tensor(rows)]
                        .reshape(voxels.Length, voxels.Length, Heads)
                        .permute(2, 0, 1) + tensor(apart).reshape(voxels.Length, voxels.Length);
                var projected =
                    padded.matmul(weights["sum1.side2.conv1.weight"].flatten(1).t())
                    + weights["sum1.side2.attention1.bias"];
                return Attended(projected, scores).index_select(1, tensor(places));
            }
        );
    }

    [Fact]
    public void A_position_embedding_is_resized_linearly()
    {
        using var network = Layer(Op.NewPositionEmbedding(1, [1, 2]), 2, 1);
        network.Set("weight", tensor(new float[] { 1, 5 }, [1, 1, 2]));
        Assert.Equal([11, 15], network.forward(Row(10, 10)).Numbers());
        Assert.Equal([11, 12, 14, 15], network.forward(Row(10, 10, 10, 10)).Numbers());
    }

    [Fact]
    public void Attention_is_symmetric_in_the_order_of_voxels()
    {
        manual_seed(1);
        using var network = Layer(Op.NewAttention(new(2, 1, [], false)), 2, 6);
        var image = randn([1L, 6, 3, 4]);
        Same(network.forward(image).flip(2, 3), network.forward(image.flip(2, 3)));
    }

    /// <summary>The answers and all gradients of a block and of its formula.</summary>
    private static void Compare(string spec, int[] size, Func<Weights, Tensor, Tensor> attention)
    {
        manual_seed(3);
        using var scope = NewDisposeScope();
        using var network = new TorchNetwork(Networks.Load(spec, Channels, Channels), seed: 1);
        var weights = new Weights(network);
        var image = randn([2, Channels, .. Array.ConvertAll(size, n => (long)n)]);
        var (x, y) = (image.clone().requires_grad_(), image.to(float64).requires_grad_());

        var tokens = y.flatten(2).transpose(1, 2);
        var attended = attention(weights, weights.Norm("sum1.side2.norm1", tokens));
        tokens += weights.Linear("sum1.side2.conv2", attended);
        var hidden = weights.Linear("sum2.side2.conv1", weights.Norm("sum2.side2.norm1", tokens));
        tokens += weights.Linear(
            "sum2.side2.conv2",
            hidden * (1 + (hidden / Math.Sqrt(2)).erf()) / 2
        );
        var expected = tokens.transpose(1, 2).reshape(image.shape);

        var actual = network.forward(x);
        Same(expected.to(float32), actual);
        var direction = randn(image.shape);
        (expected * direction).sum().backward();
        (actual * direction).sum().backward();
        Same(y.grad!.to(float32), x.grad!);
        foreach (var (name, parameter) in network.named_parameters())
            Same(weights[name].grad!.to(float32), parameter.grad!);
    }

    /// <summary>The softmax of scores times values, head by head.</summary>
    private static Tensor Attended(Tensor projected, Tensor added)
    {
        var parts = projected
            .reshape(projected.shape[0], projected.shape[1], 3, Heads, Channels / Heads)
            .permute(2, 0, 3, 1, 4);
        var scores = parts[0].matmul(parts[1].transpose(-2, -1)) / Math.Sqrt(Channels / Heads);
        var odds = (scores + added).exp();
        var values = (odds / odds.sum(-1, keepdim: true)).matmul(parts[2]);
        return values.transpose(1, 2).flatten(2);
    }

    /// <summary>Whether two voxels are in one window, and near in the map too.</summary>
    private static bool Meet(Axis[] axes, int[] a, int[] b) =>
        Enumerable
            .Range(0, axes.Length)
            .All(i =>
                axes[i].Moved(a[i]) / axes[i].Extent == axes[i].Moved(b[i]) / axes[i].Extent
                && Math.Abs(a[i] - b[i]) < axes[i].Extent
            );

    /// <summary>The row of the table for two voxels: voxels of a window that shrank are numbered as the first of a whole one.</summary>
    private static long TableRow(Axis[] axes, int[] a, int[] b)
    {
        var window = axes[0].Window;
        var (first, second) = (Place(a), Place(b));
        return first
            .Zip(second)
            .Aggregate(
                0L,
                (row, pair) =>
                    row * (2 * window - 1)
                    + Math.Clamp(pair.First - pair.Second + window - 1, 0, 2 * window - 2)
            );

        int[] Place(int[] at)
        {
            var number = 0;
            for (var i = 0; i < axes.Length; i++)
                number = number * axes[i].Extent + axes[i].Moved(at[i]) % axes[i].Extent;
            return
            [
                .. axes.Select(
                    (_, i) => number / (int)Math.Pow(window, axes.Length - 1 - i) % window
                ),
            ];
        }
    }

    private static int[][] Voxels(int[] size) =>
        size.Aggregate(
            new int[][] { [] },
            (all, length) =>
                [
                    .. all.SelectMany(at =>
                        Enumerable.Range(0, length).Select(i => (int[])[.. at, i])
                    ),
                ]
        );

    private static IEnumerable<T> Pairs<T>(int[][] voxels, Func<int[], int[], T> of) =>
        from a in voxels
        from b in voxels
        select of(a, b);

    /// <summary>Windows along an axis.</summary>
    private sealed record Axis(int Length, int Window, bool Shifted)
    {
        public int Extent => Math.Min(Window, Length);
        public int Padded => (Length + Extent - 1) / Extent * Extent;
        private int Shift => Shifted && Length > Window ? Window / 2 : 0;

        public int Moved(int at) => (at - Shift + Padded) % Padded;
    }

    /// <summary>A network's weights as random leaves in float64.</summary>
    private sealed class Weights
    {
        private readonly Dictionary<string, Tensor> leaves = [];

        public Weights(TorchNetwork network)
        {
            using var _ = no_grad();
            foreach (var (name, parameter) in network.named_parameters())
            {
                parameter.copy_(randn(parameter.shape) * 0.5);
                leaves[name] = parameter.to(float64).detach().requires_grad_();
            }
        }

        public Tensor this[string name] => leaves[name];

        public Tensor Linear(string stage, Tensor tokens) =>
            tokens.matmul(leaves[$"{stage}.weight"].flatten(1).t()) + leaves[$"{stage}.bias"];

        public Tensor Norm(string stage, Tensor tokens)
        {
            var centered = tokens - tokens.mean([-1], keepdim: true);
            var deviation = (centered.pow(2).mean([-1], keepdim: true) + 1e-5).sqrt();
            return centered / deviation * leaves[$"{stage}.weight"] + leaves[$"{stage}.bias"];
        }
    }
}
