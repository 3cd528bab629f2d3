using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Voxels that nobody annotated are in no loss: neither its value nor its gradient knows what is there.</summary>
public sealed class IgnoredVoxelTests
{
    public IgnoredVoxelTests() => NativeStart.Initialize();

    public static TheoryData<LossKind> Kinds() => [.. Enum.GetValues<LossKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_loss_is_that_of_the_annotated_part_by_itself(LossKind kind)
    {
        foreach (var channels in new[] { 1, 3 })
        foreach (var size in new long[][] { [5, 4], [4, 5, 3] })
        {
            manual_seed(3);
            // The first three rows or slices are annotated. What the network says elsewhere is not even a number.
            var logits = randn([2L, channels, .. size], float64);
            var labels = randint(0, 3, [2L, .. size], dtype: int64);
            var (garbage, marked) = (logits.clone(), labels.clone());
            garbage.narrow(2, 3, size[0] - 3).fill_(double.NaN);
            marked.narrow(1, 3, size[0] - 3).fill_(LabelValue.Ignored);

            var leaf = garbage.requires_grad_();
            var loss = Loss.Of(kind)(leaf, marked);
            loss.backward();
            var part = logits.narrow(2, 0, 3).clone().requires_grad_();
            var expected = Loss.Of(kind)(part, labels.narrow(1, 0, 3));
            expected.backward();

            Assert.Equal(expected.item<double>(), loss.item<double>(), 1e-12);
            Assert.True(leaf.grad!.narrow(2, 0, 3).allclose(part.grad!, 1e-9, 1e-12));
            Assert.Equal(0, leaf.grad!.narrow(2, 3, size[0] - 3).abs().max().item<double>());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Scattered_voxels_that_are_ignored_change_nothing(LossKind kind)
    {
        manual_seed(5);
        var logits = randn([2L, 3, 4, 4, 4], float64);
        var labels = randint(0, 3, [2L, 4, 4, 4], dtype: int64);
        var ignored = rand([2L, 4, 4, 4]) < .6;
        labels = labels.masked_fill(ignored, LabelValue.Ignored);
        var other = where(ignored.unsqueeze(1), randn_like(logits) * 9, logits);

        var (one, two) = (logits.clone().requires_grad_(), other.requires_grad_());
        var (first, second) = (Loss.Of(kind)(one, labels), Loss.Of(kind)(two, labels));
        first.backward();
        second.backward();

        Assert.Equal(first.item<double>(), second.item<double>());
        Assert.True(one.grad!.equal(two.grad!).all().item<bool>());
        Assert.True(one.grad!.abs().sum().item<double>() > 0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Where_all_are_ignored_loss_and_gradient_are_zero(LossKind kind)
    {
        var logits = randn([1L, 3, 4, 4]).requires_grad_();
        var loss = Loss.Of(kind)(logits, full([1L, 4, 4], LabelValue.Ignored, dtype: int64));
        loss.backward();
        Assert.Equal(0, loss.item<float>());
        Assert.Equal(0, logits.grad!.abs().max().item<float>());
    }

    [Fact]
    public void Heads_of_deep_supervision_do_not_see_them_either()
    {
        manual_seed(7);
        var labels = randint(0, 2, [1L, 8, 8], dtype: int64);
        labels.narrow(1, 4, 4).fill_(LabelValue.Ignored);
        double Of(double garbage)
        {
            manual_seed(8);
            var (fine, coarse) = (randn([1L, 2, 8, 8]), randn([1L, 2, 4, 4]));
            fine.narrow(2, 4, 4).fill_(garbage);
            coarse.narrow(2, 2, 2).fill_(garbage);
            var loss = Loss.Of(LossKind.DiceCe);
            return new NetworkLoss(loss, new NamedLoss("deep 1", OutputTarget.Labels, loss, null))
                .Of([fine, coarse], labels)
                .Total.item<float>();
        }
        Assert.Equal(Of(0), Of(double.NaN));
    }

    [Fact]
    public void A_structure_beside_an_ignored_voxel_is_not_a_boundary()
    {
        var labels = tensor(new long[] { 1, 1, 1, LabelValue.Ignored, 0, 0, 0, 0 })
            .reshape(1, 1, 8);
        var logits = zeros([1L, 2, 1, 8]);
        logits[0, 1, 0, 2] = 2;
        // Every annotated voxel weighs the same.
        var expected = (6 * Math.Log(2) + Math.Log(1 + Math.Exp(-2))) / 7;
        Assert.Equal(expected, Loss.Of(LossKind.BoundaryCe)(logits, labels).item<float>(), 1e-5);
    }
}
