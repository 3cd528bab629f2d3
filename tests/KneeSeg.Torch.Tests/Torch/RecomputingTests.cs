using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>A step that computes maps twice is the step that keeps them.</summary>
public sealed class RecomputingTests
{
    /// <summary>Among them units that drop out, unpooling, shared weights, heads, positions, and gates.</summary>
    public static TheoryData<string> Specs =>
        [
            "segnet+tiny",
            "attention-unet+tiny",
            "multires-unet+tiny",
            "r2-unet+tiny",
            "unet-plus-plus+tiny+deep-supervision",
            "tiramisu+tiny",
            "deeplab-v3-plus+tiny",
            "unet3d+tiny+relative+instance-norm",
            "unet3d+tiny+slice",
            "vnet+tiny+relative+gated",
        ];

    public RecomputingTests() => NativeStart.Initialize();

    [Theory]
    [MemberData(nameof(Specs))]
    public void Activation_checkpointing_gives_the_same_step(string spec)
    {
        var graph = Networks.Load(spec, channels: 1, classes: 3);
        int[] size = [.. graph.Multiple.Select(multiple => 2 * multiple)];
        int[] everywhere = [.. Enumerable.Range(1, graph.Nodes.Length - 1)];
        var plan = LibtorchMemory.Checkpointing(graph, size, batch: 2, width: 4);

        var kept = Step(graph, size, []);

        foreach (var cuts in new[] { plan.SegmentBoundaries, everywhere })
        {
            var twice = Step(graph, size, cuts);
            Assert.Equal(kept.Lasting, twice.Lasting);
            var steepest = kept.Gradients.Values.Max(one => one.Max(Math.Abs));
            foreach (var (name, gradient) in kept.Gradients)
            {
                // Sums of gradients may be laid out, and so be added, in another order.
                var most = 1e-3 * gradient.Max(Math.Abs) + 1e-6 * steepest;
                var apart = gradient.Zip(twice.Gradients[name], (x, y) => Math.Abs(x - y)).Max();
                Assert.True(apart <= most, $"{name} is off by {apart}");
            }
        }
    }

    /// <summary>All gradients; and the loss with the statistics that batch norms keep.</summary>
    private static (Dictionary<string, float[]> Gradients, float[][] Lasting) Step(
        Graph graph,
        int[] size,
        int[] cuts
    )
    {
        using var scope = NewDisposeScope();
        using var network = new TorchNetwork(graph, seed: 1);
        network.train();
        manual_seed(1);
        var image = randn([2L, 1, .. Array.ConvertAll(size, n => (long)n)]);
        using var pass = network.ForwardForTraining(image, rand([2L, 3]) * 2 - 1, cuts);
        var loss = pass.Backward(outputs =>
            NetworkLoss
                .Of(graph, new Recipe(), new(1, 1, 1))
                .Of(outputs, randint(0, 3, [2, .. outputs[0].shape[2..]], dtype: int64))
                .Total
        );
        return (
            network
                .named_parameters()
                .ToDictionary(pair => pair.name, pair => Numbers(pair.parameter.grad!)),
            [
                [(float)loss],
                .. network.buffers().Select(Numbers),
            ]
        );
    }

    private static float[] Numbers(Tensor tensor) => tensor.data<float>().ToArray();
}
