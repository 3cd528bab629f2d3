using KneeSeg.Imaging;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Losses against signed distances and against presence.</summary>
public sealed class OutputLossTests
{
    private const long Unknown = LabelValue.Ignored;

    public OutputLossTests() => NativeStart.Initialize();

    [Theory]
    [InlineData(DistanceLossKind.L1, (10 + 10 + 6 + 0.5) / 4)]
    [InlineData(DistanceLossKind.Mse, (100 + 100 + 36 + 0.25) / 4)]
    [InlineData(DistanceLossKind.SmoothL1, (9.5 + 9.5 + 5.5 + 0.125) / 4)]
    public void Distances_are_in_mm_and_limited_to_10(DistanceLossKind kind, double expected)
    {
        // Distances of 24, 12 and 6 mm outside, -6 inside; every second voxel of a finer patch.
        var labels = Labels(0, 0, 0, 0, 0, 1, 1, 0);
        var output = tensor(new float[] { 0, 0, 0, -6.5f }).reshape(1, 1, 1, 4);
        Assert.Equal(
            expected,
            DistanceLoss.Of(kind, new(1, 1, 6))(output, labels).item<float>(),
            1e-5
        );
    }

    [Fact]
    public void A_channel_per_class_has_each_class_s_distance()
    {
        var labels = Labels(0, 1, 2, 2);
        var output = tensor(
                new float[]
                {
                    -1,
                    1,
                    2,
                    3, /**/
                    1,
                    -1,
                    1,
                    2, /**/
                    2,
                    1,
                    -1,
                    -2,
                }
            )
            .reshape(1, 3, 1, 4);
        var loss = DistanceLoss.Of(DistanceLossKind.L1, new(1, 1, 1));
        Assert.Equal(0, loss(output, labels).item<float>());
    }

    [Fact]
    public void Each_patch_has_its_own_distances_along_every_axis()
    {
        var labels = zeros([2L, 3, 2, 2], dtype: int64);
        labels[0, 0] = 1;
        var expected = stack([
            cat([full([1L, 2, 2], -3f), full([1L, 2, 2], 3f), full([1L, 2, 2], 6f)]),
            full([3L, 2, 2], 10f),
        ]);
        var loss = DistanceLoss.Of(DistanceLossKind.L1, new(3, 1, 1));
        Assert.Equal(0, loss(expected.unsqueeze(1), labels).item<float>());
    }

    [Fact]
    public void Unannotated_voxels_have_no_part_in_a_distance_loss()
    {
        var labels = Labels(0, 0, Unknown, 1);
        var output = tensor(new float[] { 3, 2, float.NaN, -1 }).reshape(1, 1, 1, 4);
        // The labeled voxel's nearest annotated background is 2 voxels away.
        var loss = DistanceLoss.Of(DistanceLossKind.L1, new(1, 1, 1));
        Assert.Equal(1 / 3.0, loss(output, labels).item<float>(), 1e-6);
        Assert.Equal(0, loss(output, Labels(Unknown, Unknown, Unknown, Unknown)).item<float>());
    }

    [Fact]
    public void Presence_is_a_binary_cross_entropy_for_one_logit_and_a_softmax_for_two()
    {
        var labels = cat([Labels(0, 2, 0), Labels(0, 0, 0)]);
        var expected = (Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(1))) / 2;
        Assert.Equal(expected, Presence(labels, [2, 1]), 1e-6);
        Assert.Equal(expected, Presence(labels, [0, 2, 5, 6]), 1e-6);
    }

    [Fact]
    public void A_logit_per_class_is_compared_with_each_class()
    {
        double Entropy(double logit, bool present) =>
            Math.Log(1 + Math.Exp(present ? -logit : logit));
        Assert.Equal(
            (Entropy(1, true) + Entropy(2, false) + Entropy(-3, true)) / 3,
            Presence(Labels(0, 2, 0), [1, 2, -3]),
            1e-6
        );
    }

    [Fact]
    public void What_unannotated_voxels_may_hide_has_no_part_in_presence()
    {
        Assert.Equal(0, Presence(Labels(0, Unknown, 0), [3]));
        Assert.Equal(0, Presence(Labels(0, Unknown, 0), [3, 1]));
        Assert.Equal(Math.Log(1 + Math.Exp(-3)), Presence(Labels(0, Unknown, 1), [3]), 1e-6);
        Assert.Equal(
            (Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(-5))) / 2,
            Presence(Labels(0, Unknown, 1), [1, 5, 7]),
            1e-6
        );
    }

    private static double Presence(Tensor labels, float[] logits) =>
        PresenceLoss.Of(tensor(logits).reshape(labels.shape[0], -1, 1, 1), labels).item<float>();

    private static Tensor Labels(params long[] row) => tensor(row).reshape(1, 1, -1);
}
