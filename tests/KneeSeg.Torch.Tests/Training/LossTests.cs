using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Losses against their formulas worked out by plain sums, and their gradients against differences.</summary>
public sealed class LossTests
{
    // Two images of 2x3 voxels: three classes by logits, and the truth.
    private static readonly double[,,] Logits = Numbers(3, 12);
    private static readonly long[] Labels = [0, 1, 2, 2, 0, 1, 1, 0, 0, 2, 0, 0];

    public LossTests() => NativeStart.Initialize();

    public static TheoryData<LossKind> Kinds() => [.. Enum.GetValues<LossKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_gradient_is_the_slope_of_the_loss(LossKind kind)
    {
        foreach (var channels in new[] { 1, 3 })
        foreach (var size in new long[][] { [3, 2], [2, 3, 2] })
        {
            manual_seed(3);
            var logits = randn([2L, channels, .. size], float64);
            var labels = randint(0, 3, [2L, .. size], dtype: int64);
            var direction = randn_like(logits);
            var leaf = logits.clone().requires_grad_();
            Loss.Of(kind)(leaf, labels).backward();
            var slope = (leaf.grad! * direction).sum().item<double>();
            const double h = 1e-5;
            var ahead = Loss.Of(kind)(logits + h * direction, labels).item<double>();
            var behind = Loss.Of(kind)(logits - h * direction, labels).item<double>();
            Assert.Equal((ahead - behind) / (2 * h), slope, 1e-5);
            Assert.NotEqual(0, slope);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_certain_and_correct_output_has_the_lowest_loss(LossKind kind)
    {
        var labels = tensor(Labels).reshape(2, 2, 3);
        var truth = nn.functional.one_hot(labels, 3).permute(0, 3, 1, 2).to(float32);
        var right = Loss.Of(kind)(truth * 40, labels).item<float>();
        var wrong = Loss.Of(kind)(-truth * 40, labels).item<float>();
        var undecided = Loss.Of(kind)(truth * 0, labels).item<float>();
        Assert.True(right < undecided && undecided < wrong, $"{right} {undecided} {wrong}");
        var isNegative =
            kind is LossKind.SquaredDice or LossKind.SquaredDiceCe or LossKind.PerClassDice;
        Assert.Equal(isNegative ? -1 : 0, right, 1e-4);
    }

    public static TheoryData<LossKind, double> Values()
    {
        var (p, y) = (Softmax(), Truth());
        double Sum(Func<int, int, double> f) =>
            Enumerable.Range(0, 3).Sum(c => Enumerable.Range(0, 12).Sum(v => f(c, v)));
        double Of(int c, Func<int, double> f) => Enumerable.Range(0, 12).Sum(f);
        var yp = Sum((c, v) => y[c, v] * p[c, v]);
        var (sy, sp) = (Sum((c, v) => y[c, v]), Sum((c, v) => p[c, v]));
        var ce = -Enumerable.Range(0, 12).Average(v => Math.Log(p[Labels[v], v]));
        double[] counts = [6, 3, 3];
        var dice = Enumerable
            .Range(0, 3)
            .Select(c =>
                (2 * Of(c, v => y[c, v] * p[c, v]) + 1) / (Of(c, v => y[c, v] + p[c, v]) + 1)
            )
            .ToArray();
        var both = Enumerable.Range(0, 3).Select(c => Of(c, v => y[c, v] * p[c, v])).ToArray();
        var either = Enumerable.Range(0, 3).Select(c => Of(c, v => y[c, v] + p[c, v])).ToArray();
        var tversky = 1 - yp / (yp + .5 * (sp - yp) + .5 * (sy - yp));
        return new()
        {
            { LossKind.Ce, ce },
            { LossKind.Dice, 1 - (dice[1] + dice[2]) / 2 },
            { LossKind.DiceCe, ce + 1 - (dice[1] + dice[2]) / 2 },
            { LossKind.PooledDice, 1 - (2 * yp + 1) / (sy + sp + 1) },
            { LossKind.DiceBce, ce + 1 - (2 * yp + 1) / (sy + sp + 1) },
            { LossKind.SquaredDice, -(2 * yp + 1) / (sy + Sum((c, v) => p[c, v] * p[c, v]) + 1) },
            {
                LossKind.WeightedDice,
                2
                    - (2 * (both[1] + both[2]) + 1) / (either[1] + either[2] + 1)
                    - (2 * yp + 1) / (sy + sp + 1)
            },
            {
                LossKind.PerClassDice,
                -2 * Enumerable.Range(0, 3).Average(c => both[c] / either[c])
            },
            {
                LossKind.GeneralizedDice,
                1
                    - 2
                        * Enumerable.Range(0, 3).Sum(c => both[c] / (counts[c] * counts[c]))
                        / Enumerable.Range(0, 3).Sum(c => either[c] / (counts[c] * counts[c]))
            },
            { LossKind.Tversky, tversky },
            { LossKind.TverskyRecall, 1 - (yp + 1) / (yp + .7 * (sy - yp) + .3 * (sp - yp) + 1) },
            {
                LossKind.TverskyByClass,
                3 - Enumerable.Range(0, 3).Sum(c => 2 * both[c] / either[c])
            },
            { LossKind.FocalTversky, Math.Pow(tversky, .75) },
            { LossKind.TverskyCe, tversky + ce },
            { LossKind.Jaccard, 1 - (yp + 1) / (sy + sp - yp + 1) },
            {
                LossKind.JaccardDistance,
                100
                    * Enumerable
                        .Range(0, 12)
                        .Average(v => 1 - (p[Labels[v], v] + 100) / (2 - p[Labels[v], v] + 100))
            },
            {
                LossKind.WeightedCe,
                -Enumerable
                    .Range(0, 12)
                    .Average(v => 12 / (3 * counts[Labels[v]]) * Math.Log(p[Labels[v], v]))
            },
            {
                LossKind.FrequencyWeightedCe,
                -Enumerable
                    .Range(0, 12)
                    .Average(v => counts[Labels[v]] / 12 * Math.Log(p[Labels[v], v]))
            },
            {
                LossKind.Focal,
                -Enumerable
                    .Range(0, 12)
                    .Average(v => Math.Pow(1 - p[Labels[v], v], 2) * Math.Log(p[Labels[v], v]))
            },
        };
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_is_its_formula_s(LossKind kind, double expected)
    {
        var logits = tensor(Logits).reshape(3, 2, 2, 3).transpose(0, 1);
        var labels = tensor(Labels).reshape(2, 2, 3);
        Assert.Equal(expected, Loss.Of(kind)(logits, labels).item<double>(), 1e-9);
    }

    [Fact]
    public void One_channel_is_a_sigmoid_of_everything_but_background()
    {
        var logits = zeros([1L, 1, 4]);
        var labels = tensor(new long[] { 0, 0, 3, 5 }).unsqueeze(0);
        var dice = (2.0 * 1 + 1) / (2 + 2 + 1);
        Assert.Equal(
            Math.Log(2) + 1 - dice,
            Loss.Of(LossKind.DiceCe)(logits, labels).item<float>(),
            1e-5
        );
        Assert.Equal(1 - dice, Loss.Of(LossKind.PooledDice)(logits, labels).item<float>(), 1e-5);
    }

    [Fact]
    public void Boundary_voxels_have_five_times_the_weight()
    {
        // A row of eight: the border is between the fourth and the fifth, so those two are at it.
        var labels = tensor(new long[] { 0, 0, 0, 0, 1, 1, 1, 1 }).reshape(1, 1, 8);
        var logits = zeros([1L, 2, 1, 8]);
        logits[0, 1, 0, 4] = 3;
        logits[0, 1, 0, 7] = -2;
        double[] entropy = [.. Enumerable.Repeat(Math.Log(2), 8)];
        entropy[4] = Math.Log(1 + Math.Exp(-3));
        entropy[7] = Math.Log(1 + Math.Exp(2));
        double[] weights = [1, 1, 1, 5, 5, 1, 1, 1];
        Assert.Equal(
            entropy.Zip(weights, (e, w) => e * w).Sum() / weights.Sum(),
            Loss.Of(LossKind.BoundaryCe)(logits, labels).item<float>(),
            1e-5
        );
    }

    private static double[,,] Numbers(int classes, int voxels)
    {
        var numbers = new double[classes, voxels, 1];
        for (var c = 0; c < classes; c++)
        for (var v = 0; v < voxels; v++)
            numbers[c, v, 0] = Math.Sin(1 + 5 * c + 3 * v) * 1.5;
        return numbers;
    }

    private static double[,] Softmax()
    {
        var p = new double[3, 12];
        for (var v = 0; v < 12; v++)
        {
            var sum = Enumerable.Range(0, 3).Sum(c => Math.Exp(Logits[c, v, 0]));
            for (var c = 0; c < 3; c++)
                p[c, v] = Math.Exp(Logits[c, v, 0]) / sum;
        }
        return p;
    }

    private static double[,] Truth()
    {
        var y = new double[3, 12];
        for (var v = 0; v < 12; v++)
            y[Labels[v], v] = 1;
        return y;
    }
}
