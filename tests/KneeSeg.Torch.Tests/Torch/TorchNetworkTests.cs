using KneeSeg.Dsl;
using KneeSeg.Specs;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>What holds for a network as a whole.</summary>
public sealed class TorchNetworkTests
{
    public TorchNetworkTests() => NativeStart.Initialize();

    private static TorchNetwork Network(string spec, long seed = 0) =>
        new(Networks.Load(spec, 1, 3), seed);

    private static Dictionary<string, float[]> Weights(TorchNetwork network) =>
        network
            .named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter.Numbers());

    [Fact]
    public void Parameters_are_named_by_their_stages()
    {
        using var network = Network("unet3d+tiny");
        var names = network.state_dict().Keys;
        Assert.Contains("level2.decode.conv1.weight", names);
        Assert.Contains("level2.decode.norm1.running_mean", names);
    }

    [Fact]
    public void A_seed_names_the_weights()
    {
        using var one = Network("unet3d+tiny", seed: 1);
        using var same = Network("unet3d+tiny", seed: 1);
        using var other = Network("unet3d+tiny", seed: 2);
        Assert.Equal(Weights(one), Weights(same));
        Assert.NotEqual(
            Weights(one)["level1.encode.conv1.weight"],
            Weights(other)["level1.encode.conv1.weight"]
        );
    }

    [Fact]
    public void A_stage_starts_with_the_same_weights_whatever_else_the_network_has()
    {
        using var whole = Network("unet3d+tiny");
        using var without = Network("unet3d+tiny+no-skips");
        Assert.Equal(
            Weights(whole)["level3.encode.conv2.weight"],
            Weights(without)["level3.encode.conv2.weight"]
        );
    }

    [Fact]
    public void Fresh_kernels_have_a_variance_of_two_over_their_inputs()
    {
        using var network = Network("unet3d+tiny");
        var kernel = network.state_dict()["level3.decode.conv1.weight"];
        Assert.Equal(Math.Sqrt(2.0 / (kernel.shape[1] * 27)), kernel.std().item<float>(), 1e-3);
        Assert.Equal(0, kernel.mean().item<float>(), 1e-3);
    }

    [Fact]
    public void Stages_that_share_weights_have_them_once_and_both_add_gradients()
    {
        var conv = Op.NewConv(new(1, 1, [1, 1], [1, 1], [1, 1], [0, 0], [0, 0], 1, false, false));
        var twice = SmallGraph.Of(2, 1, (conv, [0]), (conv, [1]));
        var nodes = twice.Nodes.ToArray();
        nodes[2] = new(2, conv, [1], nodes[2].Path, "step 1", nodes[2].Shape, false);
        using var network = new TorchNetwork(
            new("shared", "", 2, 1, 1, nodes, 2, [], twice.Multiple, 0)
        );
        network.Set("weight", 3);
        var weight = Assert.Single(network.parameters());
        network.forward(SmallGraph.Row(2)).sum().backward();
        // 2·w² at w = 3.
        Assert.Equal(12, weight.grad!.item<float>());
    }

    [Fact]
    public void A_stage_may_have_weights_and_stages_below_it()
    {
        var conv = Op.NewConv(new(1, 1, [1, 1], [1, 1], [1, 1], [0, 0], [0, 0], 1, false, false));
        var graph = SmallGraph.Of(2, 1, (conv, [0]), (conv, [1]));
        var nodes = graph.Nodes.ToArray();
        nodes[1] = new(
            1,
            conv,
            [0],
            [Step.NewStage("top"), Step.NewStage("in side")],
            "top/in side",
            nodes[1].Shape,
            false
        );
        nodes[2] = new(2, conv, [1], [Step.NewStage("top")], "top", nodes[2].Shape, false);
        using var network = new TorchNetwork(
            new("nested", "", 2, 1, 1, nodes, 2, [], graph.Multiple, 0)
        );
        Assert.Equal(["top.inside.weight", "top.weight"], network.state_dict().Keys.Order());
    }

    [Fact]
    public void Precision_holds_inside_its_scope_only()
    {
        using var network = Network("unet3d+tiny");
        network.eval();
        var image = randn([1L, 1, 16, 16, 16]);
        var exact = network.forward(image);
        Tensor rounded;
        using (Autocast.Enter(Precision.Bf16))
        {
            using (Autocast.Enter(Precision.Fp32))
                SmallGraph.Same(exact, network.forward(image), 0);
            rounded = network.forward(image);
        }
        Assert.NotEqual(exact.Numbers(), rounded.Numbers());
        SmallGraph.Same(exact, rounded, 0.05);
        SmallGraph.Same(exact, network.forward(image), 0);
    }

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Bf16)]
    public void Only_the_output_stays_alive_when_predicting(Precision precision)
    {
        using var network = Network("vnet+tiny+relative");
        network.eval();
        var (image, position) = (randn([1L, 1, 16, 16, 16]), zeros([1L, 3]));
        using var _ = no_grad();
        using var __ = Autocast.Enter(precision);
        network.forward(image, position).Dispose();
        var before = TensorsAlive();
        using var answer = network.forward(image, position);
        Assert.Equal(before + 1, Tensor.TotalCount);
    }

    [Fact]
    public void The_position_changes_the_output_of_a_network_conditioned_on_it()
    {
        using var network = Network("unet3d+tiny+relative");
        network.eval();
        var image = randn([2L, 1, 8, 8, 8]);
        var here = network.forward(image, zeros([2L, 3]));
        var there = network.forward(image, tensor(new float[] { 0, 0, 0, 1, -1, 1 }, [2, 3]));
        SmallGraph.Same(here[0], there[0], 0);
        Assert.NotEqual(here[1].Numbers(), there[1].Numbers());
    }

    [Fact]
    public void Heads_have_outputs_in_training_and_none_when_predicting()
    {
        using var network = Network("unet3d+tiny+deep-supervision");
        network.eval();
        using var _ = no_grad();
        var image = randn([1L, 1, 16, 16, 16]);
        var before = TensorsAlive();
        using var answer = network.forward(image);
        Assert.Equal(before + 1, Tensor.TotalCount);
        using var pass = network.ForwardForTraining(image);
        var answers = pass.Outputs;
        SmallGraph.Same(answer, answers[0], 0);
        Assert.Equal(
            [
                [1, 3, 16, 16, 16],
                [1, 3, 4, 4, 4],
                [1, 3, 8, 8, 8],
            ],
            answers.Select(one => one.shape)
        );
    }

    [Fact]
    public void Heads_change_nothing_of_the_rest()
    {
        using var with = Network("unet-plus-plus+tiny+deep-supervision");
        using var without = Network("unet-plus-plus+tiny");
        var (one, other) = (Weights(with), Weights(without));
        Assert.All(other, pair => Assert.Equal(pair.Value, one[pair.Key]));
        Assert.Equal(
            ["level1.answer1.head.conv1", "level1.answer2.head.conv1", "level1.answer3.head.conv1"],
            one.Keys.Except(other.Keys)
                .Select(key => key[..key.LastIndexOf('.')])
                .Distinct()
                .Order()
        );
    }

    [Fact]
    public void An_image_of_other_channels_is_refused()
    {
        using var network = Network("unet3d+tiny");
        var problem = Assert.Throws<ProblemException>(() =>
            network.forward(zeros([1L, 2, 16, 16, 16]))
        );
        Assert.Equal(ExitCode.Spec, problem.Exit);
    }

    [Fact]
    public void A_size_that_does_not_fit_is_refused_by_the_language()
    {
        using var network = Network("unet3d+tiny");
        Assert.Contains(
            "12",
            Assert.Throws<SpecException>(() => network.forward(zeros([1L, 1, 16, 12, 16]))).What
        );
    }

    [Fact]
    public void Shared_encoders_learn_from_both_of_their_inputs()
    {
        using var network = new TorchNetwork(Networks.Load(Siamese.json, 2, 3), seed: 1);
        network.train();
        manual_seed(1);
        var image = randn([1L, 2, 6, 6]);
        var weights = network
            .named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter);
        var (kernel, offset, gamma, beta, mixing, addend) = (
            Copy("concat1.side1.encoder1.conv1.weight"),
            Copy("concat1.side1.encoder1.conv1.bias"),
            Copy("concat1.side1.encoder1.norm1.weight"),
            Copy("concat1.side1.encoder1.norm1.bias"),
            Copy("conv1.weight"),
            Copy("conv1.bias")
        );
        Assert.Equal(6, weights.Count);

        var answer = network.forward(image);
        answer.mul(answer.sin()).sum().backward();
        var both = cat([Encoded(image[.., ..1]), Encoded(image[.., 1..])], 1);
        var reference = nn.functional.conv2d(both, mixing, addend);
        reference.mul(reference.sin()).sum().backward();

        SmallGraph.Same(reference, answer);
        SmallGraph.Same(kernel.grad!, weights["concat1.side1.encoder1.conv1.weight"].grad!, 1e-4);
        SmallGraph.Same(gamma.grad!, weights["concat1.side1.encoder1.norm1.weight"].grad!, 1e-4);

        Tensor Copy(string name) => weights[name].detach().clone().requires_grad_();
        Tensor Encoded(Tensor echo)
        {
            var map = nn.functional.conv2d(echo, kernel, offset, padding: [1, 1]);
            return nn.functional.instance_norm(map, weight: gamma, bias: beta).relu();
        }
    }

    /// <summary>The tensors that are alive, without those that other tests have left to the garbage collector.</summary>
    private static long TensorsAlive()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
