using KneeSeg.Data.Patches;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Parallel;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Steps of training: alike where they should be, and stopped where numbers end.</summary>
public sealed class LearnerTests
{
    private static readonly Graph Graph = Networks.Load("unet3d+tiny", 1, 3);

    public LearnerTests() => NativeStart.Initialize();

    [Fact]
    public void A_weight_that_is_not_finite_is_found_by_its_stage()
    {
        using var learner = New();
        using (no_grad())
            learner
                .Network.named_parameters()
                .Single(pair => pair.name == "level2.encode.conv1.weight")
                .parameter[0]
                .fill_(float.NaN);
        Stops(learner, Batch(), "the loss is NaN, first at level 2/encode/conv 1");
    }

    [Fact]
    public void An_image_that_is_not_finite_is_found_as_such()
    {
        using var learner = New();
        var batch = Batch();
        batch.Images[5] = float.PositiveInfinity;
        Stops(learner, batch, "first at image");
    }

    [Fact]
    public void A_gradient_s_norm_that_overflows_is_found_though_the_loss_is_finite()
    {
        using var learner = New(new() { Loss = LossKind.Ce, EmaDecay = 0 });
        var weights = learner
            .Network.named_parameters()
            .ToDictionary(p => p.name, p => p.parameter);
        using (no_grad())
        {
            // The last map is next to nothing, and what makes classes of it next to no bound.
            weights["level1.decode.norm2.weight"].fill_(1e-37f);
            foreach (var (c, sign) in new[] { (0, 1), (1, -1), (2, 0) })
                weights["conv1.weight"][c].fill_(3e38f * sign);
        }
        Stops(learner, Batch(), "the gradient is not finite, first at the norm of all gradients");
    }

    [Fact]
    public void Of_gradients_that_are_not_finite_the_one_nearest_the_output_was_first()
    {
        using var learner = New();
        learner.Step(Batch(), 0, 1e-3);
        Assert.Null(learner.Network.FirstGradientNotFinite());
        foreach (var (name, parameter) in learner.Network.named_parameters())
            if (name is "level1.encode.conv2.weight" or "level2.decode.norm1.bias")
                parameter.grad!.fill_(float.NaN);
        Assert.Equal("level 2/decode/norm 1", learner.Network.FirstGradientNotFinite());
    }

    [Fact]
    public void An_accumulated_step_equals_the_whole_step_without_batch_statistics()
    {
        // Instance norms look at each patch alone, and cross-entropy is a mean.
        Recipe recipe = new()
        {
            Loss = LossKind.Ce,
            Optimizer = OptimizerKind.Sgd,
            EmaDecay = 0,
        };
        var graph = Networks.Load("unet3d+tiny+instance-norm", 1, 3);
        using var whole = New(recipe, graph);
        using var parts = New(recipe with { AccumulationSteps = 2 }, graph);
        Assert.Equal(whole.Step(Batch(), 0, .1).Total, parts.Step(Batch(), 0, .1).Total, 1e-6);
        foreach (var (one, other) in whole.Network.parameters().Zip(parts.Network.parameters()))
            Assert.True(one.allclose(other, 1e-3, 1e-5));
    }

    [Fact]
    public void Noise_and_dropout_are_the_same_for_a_step_whatever_was_before()
    {
        Recipe recipe = new() { InputNoise = .5 };
        var graph = Networks.Load("tiny-vnet", 1, 3);
        using var first = New(recipe, graph);
        using var second = New(recipe, graph);
        rand(7);
        Assert.Equal(first.Step(Batch(), 4, 0).Total, second.Step(Batch(), 4, 0).Total);
        using var third = New(recipe, graph);
        Assert.NotEqual(first.Step(Batch(), 4, 0), third.Step(Batch(), 5, 0));
    }

    private static void Stops(Learner learner, PatchBatch batch, string says)
    {
        var problem = Assert.Throws<ProblemException>(() => learner.Step(batch, 6, 1e-3));
        Assert.Equal(ExitCode.Numerics, problem.Exit);
        Assert.Contains("step 7, cases knee-1, knee-2", problem.Where);
        Assert.Contains(says, problem.What);
    }

    private static Learner New(Recipe? recipe = null, Graph? graph = null) =>
        new(
            new TorchNetwork(graph ?? Graph, seed: 1),
            recipe ?? new Recipe(),
            ModelInput.Of(graph ?? Graph, [16, 16, 16]),
            new(1, 1, 1),
            Precision.Fp32,
            CPU,
            Ranks.Alone
        );

    private static PatchBatch Batch()
    {
        var random = new Random(1);
        var images = new float[2 * 16 * 16 * 16];
        var labels = new byte[images.Length];
        for (var i = 0; i < images.Length; i++)
            (images[i], labels[i]) = (random.NextSingle(), (byte)random.Next(3));
        return new(0, 0, ["knee-1", "knee-2"], images, labels, new float[6]);
    }
}
