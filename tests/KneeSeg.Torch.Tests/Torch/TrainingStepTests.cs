using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Specs;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>A step of training through every base network and its variants.</summary>
public sealed class TrainingStepTests
{
    public static TheoryData<string> Names =>
        [.. Family.narrowVariants.Select(member => member.Name)];

    public TrainingStepTests() => NativeStart.Initialize();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_parameter_receives_a_gradient(string name)
    {
        var graph = Networks.Load(
            Family.narrowVariants.Single(member => member.Name == name).Spec,
            channels: 1,
            classes: 3
        );
        int[] size = Size(graph);
        var idle = BiasesBeforeNorms(graph).ToHashSet();
        // Of two voxels, norms over each image leave their signs, which no small change alters.
        var isSure = !graph.Nodes.Any(node => node.Op is Op.Norm { Of.Kind.IsBatch: false });
        long parameters = 0;

        // In a block of one or two channels a draw may leave nothing above zero: then another one teaches it.
        HashSet<string>? untaught = null;
        for (var draw = 1; untaught is not { Count: 0 } && draw <= 12; draw++)
        {
            using var network = new TorchNetwork(graph, seed: draw);
            network.train();
            Teach(network, size, draw);
            var current = network.named_parameters().ToDictionary();
            untaught ??= [.. current.Keys.Where(path => isSure && !idle.Contains(path))];
            untaught.RemoveWhere(path => current[path].grad!.count_nonzero().item<long>() > 0);
            parameters = current.Values.Sum(one => one.numel());
        }
        Assert.Empty(untaught!);
        Assert.Equal(Networks.Cost(graph, size).Parameters, parameters);
    }

    private static void Teach(TorchNetwork network, int[] size, int seed)
    {
        var graph = network.Graph;
        manual_seed(seed);
        using var scope = NewDisposeScope();
        var image = randn([2L, 1, .. Array.ConvertAll(size, n => (long)n)]);

        Tensor[] answers;
        using (Autocast.Enter(Precision.Bf16))
            answers = network.ForwardForTraining(image, rand([2L, 3]) * 2 - 1).Outputs;
        long[] labels = [2, .. AnswerSize(graph, size)];
        NetworkLoss
            .Of(graph, new Recipe(), new(1, 1, 1))
            .Of(answers, randint(0, 3, labels, dtype: int64))
            .Total.backward();

        Assert.Equal([2L, 3, .. AnswerSize(graph, size)], answers[0].shape);
        Assert.Equal(graph.NamedOutputs.Length + 1, answers.Length);
        foreach (var (path, parameter) in network.named_parameters())
        {
            Assert.True(parameter.grad is not null, $"{path} has no gradient");
            Assert.True(
                parameter.grad!.isfinite().all().item<bool>(),
                $"{path} has a gradient that is not finite"
            );
        }
    }

    [Fact]
    public void The_same_seed_trains_to_the_same_bytes()
    {
        Assert.Equal(Trained(), Trained());

        static float[][] Trained()
        {
            using var network = new TorchNetwork(
                Networks.Load("vnet+tiny+relative", 1, 3),
                seed: 1
            );
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
                (multiple, axis) =>
                    multiple
                    * (
                        axis == 1 ? 2
                        : multiple < 3 ? 4 / multiple
                        : 1
                    )
            ),
        ];

    private static long[] AnswerSize(Graph graph, int[] size) =>
        Array.ConvertAll(Networks.ShapeOf(graph.Nodes[graph.Output], size), n => (long)n);

    private static IEnumerable<string> BiasesBeforeNorms(Graph graph) =>
        from norm in graph.Nodes
        where norm.Op is Op.Norm { Of.Kind.IsBatch: true }
        let before = graph.Nodes[norm.Args[0]]
        where before.Op is Op.Conv or Op.Deconv
        select before.Weights.Replace(" ", "").Replace('/', '.') + ".bias";
}
