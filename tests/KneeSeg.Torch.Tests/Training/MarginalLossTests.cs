using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Losses of partly labeled samples.</summary>
public sealed class MarginalLossTests
{
    // Class 2 is not labeled, and 3 and 4 are one.
    private static readonly LabelGroups Partial = new([
        [0, 2],
        [1],
        [4, 3],
    ]);

    public MarginalLossTests() => NativeStart.Initialize();

    public static TheoryData<LossKind> Kinds() => [.. Enum.GetValues<LossKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_loss_is_that_of_the_summed_probabilities(LossKind kind)
    {
        manual_seed(2);
        var logits = randn([2L, 5, 4, 3], float64).requires_grad_();
        var own = randint(0, 3, [2L, 4, 3], dtype: int64);
        // In volumes the lowest class stands for its group.
        var labels = where(own.eq(2), 3, own);
        labels[0, 0, 0] = own[0, 0, 0] = LabelValue.Ignored;

        var loss = Loss.Of(kind)(logits, labels, Partial);
        loss.backward();
        var leaf = logits.detach().requires_grad_();
        Tensor Of(int label) => leaf.softmax(1).select(1, label);
        var merged = stack([Of(0) + Of(2), Of(1), Of(3) + Of(4)], 1);
        var expected = Loss.Of(kind)(merged.log(), own);
        expected.backward();

        Assert.Equal(expected.item<double>(), loss.item<double>(), 1e-12);
        Assert.True(logits.grad!.allclose(leaf.grad!, 1e-9, 1e-12));
    }

    [Fact]
    public void A_structure_that_is_not_labeled_may_be_anywhere_in_the_background()
    {
        var labels = tensor([0L, 0, 1, 3]).reshape(1, 2, 2);
        var logits = zeros([1L, 5, 2, 2]);
        float Said(int label)
        {
            var one = logits.clone();
            foreach (var (i, right) in new[] { label, label, 1, 3 }.Index())
                one[0, right, i / 2, i % 2] = 20;
            return Loss.Of(LossKind.DiceCe)(one, labels, Partial).item<float>();
        }
        Assert.Equal(0, Said(2), 1e-4f);
        Assert.Equal(0, Said(0), 1e-4f);
        Assert.True(Said(1) > 5);
    }

    [Fact]
    public void Samples_of_several_sources_count_alike()
    {
        manual_seed(4);
        var logits = randn([3L, 5, 4, 4]);
        var labels = randint(0, 2, [3L, 4, 4], dtype: int64);
        var loss = new NetworkLoss(Loss.Of(LossKind.Dice));
        float Of(int first, int count, LabelGroups? groups) =>
            loss.Of([logits.narrow(0, first, count)], labels.narrow(0, first, count), groups)
                .Total.item<float>();
        var (total, each) = loss.Of([logits], labels, [Partial, null, null]);
        Assert.Equal((Of(0, 1, Partial) + 2 * Of(1, 2, null)) / 3, total.item<float>(), 1e-6f);
        Assert.Equal(total.item<float>(), Assert.Single(each).item<float>(), 1e-6f);
    }

    [Fact]
    public void Distances_of_what_is_not_told_apart_have_no_part()
    {
        var labels = tensor([0L, 1, 3, 3]).reshape(1, 1, 4);
        var output = full([1L, 5, 1, 4], 9f);
        // Class 1, and no other, is known: 1 outside, 1 inside, 1 and 2 outside.
        output[0, 1] = tensor(new float[] { 1, -1, 1, 5 }).reshape(1, 4);
        var loss = DistanceLoss.Of(DistanceLossKind.L1, new(1, 1, 1));
        Assert.Equal(3 / 4f, loss(output, labels, Partial).item<float>(), 1e-6f);
        Assert.Equal(0, loss(output.narrow(1, 0, 1), labels, Partial).item<float>());
        LabelGroups region = new([
            [0],
            [1],
            [2],
            [3, 4],
        ]);
        Assert.NotEqual(0, loss(output.narrow(1, 0, 1), labels, region).item<float>());
    }

    [Fact]
    public void Presence_of_what_may_be_there_has_no_part()
    {
        static double Entropy(double logit, bool present) =>
            Math.Log(1 + Math.Exp(present ? -logit : logit));
        float Of(Tensor labels, params float[] logits) =>
            PresenceLoss
                .Of(tensor(logits).reshape(labels.shape[0], -1, 1, 1), labels, Partial)
                .item<float>();
        var background = zeros([1L, 1, 3], dtype: int64);
        var cartilage = tensor([0L, 1, 0]).reshape(1, 1, 3);
        Assert.Equal(0, Of(background, 3));
        Assert.Equal(Entropy(3, true), Of(cartilage, 3), 1e-6);
        // There is background or class 2, there is class 1, and neither 3 nor 4.
        Assert.Equal(
            (Entropy(2, true) + Entropy(4, false) + Entropy(5, false)) / 3,
            Of(cartilage, 1, 2, 3, 4, 5),
            1e-6
        );
    }
}
