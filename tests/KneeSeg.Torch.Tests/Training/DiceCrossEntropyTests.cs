using KneeSeg.Torch;
using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>The loss against its formula worked out by hand, and its gradient against differences.</summary>
public sealed class DiceCrossEntropyTests
{
    public DiceCrossEntropyTests() => NativeStart.Initialize();

    [Fact]
    public void Undecided_logits_cost_ln_of_the_classes_and_the_dice_of_chance()
    {
        // Four voxels, three classes, probability 1/3 everywhere; truth has 2, 1, 1 voxels.
        var logits = zeros([1L, 3, 4]);
        var labels = tensor(new long[] { 0, 0, 1, 2 }).unsqueeze(0);
        // A foreground class: (2·1/3 + 1) / (4/3 + 1 + 1).
        var dice = (2.0 / 3 + 1) / (4.0 / 3 + 1 + 1);
        Assert.Equal(
            Math.Log(3) + 1 - dice,
            DiceCrossEntropy.Of(logits, labels).item<float>(),
            1e-5
        );
    }

    [Fact]
    public void One_channel_is_a_sigmoid_of_everything_but_background()
    {
        var logits = zeros([1L, 1, 4]);
        var labels = tensor(new long[] { 0, 0, 3, 5 }).unsqueeze(0);
        var dice = (2.0 * 1 + 1) / (2 + 2 + 1);
        Assert.Equal(
            Math.Log(2) + 1 - dice,
            DiceCrossEntropy.Of(logits, labels).item<float>(),
            1e-5
        );
    }

    [Fact]
    public void A_certain_and_right_prediction_costs_nothing()
    {
        var labels = tensor(new long[] { 0, 1, 2, 2 }).unsqueeze(0);
        var logits = OneHot(labels) * 100;
        Assert.Equal(0, DiceCrossEntropy.Of(logits, labels).item<float>(), 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_gradient_is_the_slope_of_the_loss(int channels)
    {
        manual_seed(3);
        var logits = randn([2L, channels, 2, 3, 2]);
        var labels = randint(0, 3, [2L, 2, 3, 2], dtype: int64);
        var direction = randn_like(logits);
        var leaf = logits.clone().requires_grad_();
        DiceCrossEntropy.Of(leaf, labels).backward();
        var slope = (leaf.grad! * direction).sum().item<float>();
        const double h = 1e-2;
        var ahead = DiceCrossEntropy.Of(logits + h * direction, labels).item<float>();
        var behind = DiceCrossEntropy.Of(logits - h * direction, labels).item<float>();
        Assert.Equal((ahead - behind) / (2 * h), slope, 1e-3);
    }

    private static Tensor OneHot(Tensor labels) =>
        nn.functional.one_hot(labels, 3).permute(0, 2, 1).to(float32);
}
