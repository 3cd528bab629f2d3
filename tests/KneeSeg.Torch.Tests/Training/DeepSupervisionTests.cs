using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>One loss of several answers.</summary>
public sealed class DeepSupervisionTests
{
    private readonly Tensor labels;

    public DeepSupervisionTests()
    {
        NativeStart.Initialize();
        labels = arange(16, dtype: int64).reshape([1, 4, 4]);
    }

    /// <summary>A loss that says what it was given: the answer's first number, and the sum of the labels.</summary>
    private static Tensor Echo(Tensor answer, Tensor labels) =>
        answer.flatten()[0] + labels.sum().to(float32);

    [Fact]
    public void One_output_has_its_own_loss() =>
        Assert.Equal(3 + 120, DeepSupervision.Of([Map(3, 4)], labels, Echo).item<float>());

    [Fact]
    public void Outputs_of_one_size_have_equal_weights() =>
        Assert.Equal(
            (3 + 5 + 2 * 120) / 2f,
            DeepSupervision.Of([Map(3, 4), Map(5, 4)], labels, Echo).item<float>()
        );

    [Fact]
    public void An_output_twice_as_coarse_has_half_the_weight_and_every_second_label() =>
        Assert.Equal(
            (3 + 120 + 0.5f * (5 + 0 + 2 + 8 + 10)) / 1.5f,
            DeepSupervision.Of([Map(3, 4), Map(5, 2)], labels, Echo).item<float>(),
            1e-4f
        );

    [Fact]
    public void Every_output_receives_a_gradient()
    {
        var (fine, coarse) = (Map(3, 4).requires_grad_(), Map(5, 2).requires_grad_());
        DeepSupervision.Of([fine, coarse], labels % 1, Loss.Of(LossKind.DiceCe)).backward();
        Assert.NotEqual(0, fine.grad!.abs().sum().item<float>());
        Assert.NotEqual(0, coarse.grad!.abs().sum().item<float>());
    }

    private static Tensor Map(float value, long side) => full([1L, 2, side, side], value);
}
