using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>A step of training through every base network and its variants.</summary>
public sealed class TrainingStepTests
{
    private static readonly string[] Planar = ["unet", "attention-unet"];
    private static readonly string[] Volumes = ["unet3d", "vnet", "unet+3d", "attention-unet+3d"];

    public static TheoryData<string> Specs =>
        [
            .. from network in Planar.Concat(Volumes)
            from variant in new[] { "", "+relative", "+highwayless" }
            select $"{network}+tiny{variant}",
            .. from network in Volumes select $"{network}+tiny+slice",
            "unet+tiny+gated",
            "unet3d+tiny+gated",
            "vnet+tiny+gated",
            "unet3d+tiny+relative+slice",
            "vnet+tiny+relative+slice",
            "unet3d+small",
            "unet+3d+tiny+gated+relative",
        ];

    public TrainingStepTests() => NativeStart.Initialize();

    [Theory]
    [MemberData(nameof(Specs))]
    public void Every_parameter_receives_a_gradient(string spec)
    {
        var graph = Models.Load(spec, 1, 3);
        int[] size = Size(graph);
        using var network = new TorchNetwork(graph, seed: 1);
        network.train();
        manual_seed(1);
        var image = randn([2L, 1, .. Array.ConvertAll(size, n => (long)n)]);

        Tensor logits;
        using (Autocast.Enter(Precision.Bf16))
            logits = network.forward(image, rand([2L, 3]) * 2 - 1);
        nn.functional.cross_entropy(logits, randint(0, 3, [2, .. logits.shape[2..]], dtype: int64))
            .backward();

        Assert.Equal([2L, 3, .. AnswerSize(graph, size)], logits.shape);
        Assert.Equal(
            Models.Cost(graph, size).Parameters,
            network.parameters().Sum(one => one.numel())
        );
        var idle = BiasesBeforeNorms(graph).ToHashSet();
        foreach (var (name, parameter) in network.named_parameters())
        {
            Assert.True(parameter.grad is not null, $"{name} has no gradient");
            Assert.True(
                parameter.grad!.isfinite().all().item<bool>(),
                $"{name} has a gradient that is not finite"
            );
            if (!idle.Contains(name))
                Assert.True(
                    parameter.grad.count_nonzero().item<long>() > 0,
                    $"{name} has a gradient of zero"
                );
        }
    }

    [Fact]
    public void The_same_seed_trains_to_the_same_bytes()
    {
        Assert.Equal(Trained(), Trained());

        static float[][] Trained()
        {
            using var network = new TorchNetwork(Models.Load("vnet+tiny+relative", 1, 3), seed: 1);
            using var optimizer = optim.AdamW(network.parameters(), 1e-3);
            network.train();
            manual_seed(7);
            for (var step = 0; step < 2; step++)
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                using (Autocast.Enter(Precision.Bf16))
                    network
                        .forward(randn([2L, 1, 16, 16, 16]), rand([2L, 3]))
                        .square()
                        .mean()
                        .backward();
                optimizer.step();
            }
            return [.. network.state_dict().Values.Select(value => value.Numbers())];
        }
    }

    /// <summary>The smallest size at which the deepest maps have two voxels, so that norms have something to do.</summary>
    private static int[] Size(Graph graph) =>
        [
            .. graph.Multiple.Select(
                (multiple, axis) => axis == 1 ? 2 * multiple : Math.Max(multiple, 3)
            ),
        ];

    private static long[] AnswerSize(Graph graph, int[] size) =>
        Array.ConvertAll(Models.ShapeOf(graph.Nodes[graph.Output], size), n => (long)n);

    private static IEnumerable<string> BiasesBeforeNorms(Graph graph) =>
        from norm in graph.Nodes
        where norm.Op is Op.BatchNorm
        let before = graph.Nodes[norm.Args[0]]
        where before.Op is Op.Conv or Op.Deconv
        select before.Weights.Replace(" ", "").Replace('/', '.') + ".bias";
}
