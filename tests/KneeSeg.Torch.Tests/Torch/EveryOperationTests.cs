using System.Reflection;
using KneeSeg.Dsl;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>What must hold for each operation that the language has.</summary>
public sealed class EveryOperationTests
{
    public EveryOperationTests() => NativeStart.Initialize();

    private static readonly WindowOp Window = new([2, 2, 2], [2, 2, 2], [0, 0, 0], [0, 0, 0]);
    private static readonly ConvOp Same3 = new(
        4,
        4,
        [3, 3, 3],
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
        [1, 1, 1],
        1,
        true,
        false
    );

    private static readonly Op[] OfOneMap =
    [
        Op.NewConv(Same3),
        Op.NewDeconv(Same3),
        Norm(NormOpKind.Batch),
        Norm(NormOpKind.Instance),
        Norm(NormOpKind.NewGroup(2)),
        Norm(NormOpKind.ChannelLayer),
        Op.NewGlobalResponseNorm(4, 1e-6),
        Op.NewActivation(Activation.Relu, 4),
        Op.NewActivation(Activation.NewLeakyRelu(0.1), 4),
        Op.NewActivation(Activation.PRelu, 4),
        Op.NewActivation(Activation.SinglePRelu, 4),
        Op.NewActivation(Activation.Elu, 4),
        Op.NewActivation(Activation.NewCelu(0.5), 4),
        Op.NewActivation(Activation.Selu, 4),
        Op.NewActivation(Activation.Relu6, 4),
        Op.NewActivation(Activation.Gelu, 4),
        Op.NewActivation(Activation.GeluTanh, 4),
        Op.NewActivation(Activation.Silu, 4),
        Op.NewActivation(Activation.HardSwish, 4),
        Op.NewActivation(Activation.Mish, 4),
        Op.NewActivation(Activation.Softplus, 4),
        Op.NewActivation(Activation.Sigmoid, 4),
        Op.NewActivation(Activation.HardSigmoid, 4),
        Op.NewActivation(Activation.Tanh, 4),
        Op.NewActivation(Activation.HardTanh, 4),
        Op.NewActivation(Activation.ChannelSoftmax, 4),
        Op.NewDropout(0.5, DropoutUnit.Channel),
        Op.NewMaxPool(Window),
        Op.NewAvgPool(Window),
        Op.NewUpsampleNearest([2, 2, 2]),
        Op.NewUpsampleLinear([2, 2, 2], true),
        Op.NewPad([1, 0, 0], [0, 2, -1]),
        Op.NewTileChannels(2),
        Op.NewPadChannels(1, 2),
        Op.NewChannelGroup(1, 2),
        Op.NewSpaceToChannels([2, 1, 2], true),
        Op.NewChannelsToSpace([2, 1, 2], true),
        Op.NewMean([0]),
        Op.NewMax([0, 1, 2]),
        Op.MeanOverChannels,
        Op.MaxOverChannels,
        Op.NewAdaptiveAvgPool(2),
        Op.NewPositionEmbedding(4, [2, 2, 2]),
    ];

    internal static readonly Dictionary<string, Graph> Graphs = OfOneMap
        .Select(op => (op, graph: SmallGraph.Of(3, 4, (op, [0]))))
        .Append(
            (
                Op.NewUnpool(Window),
                SmallGraph.Of(3, 4, (Op.NewMaxPool(Window), [0]), (Op.NewUnpool(Window), [1, 1]))
            )
        )
        .Append(
            (
                Op.NewDense(4, 3, true),
                SmallGraph.Of(3, 4, (Op.NewMean([0, 1, 2]), [0]), (Op.NewDense(4, 3, true), [1]))
            )
        )
        .Append(
            (
                Op.Broadcast,
                SmallGraph.Of(3, 4, (Op.NewMean([0, 1, 2]), [0]), (Op.Broadcast, [1, 0]))
            )
        )
        .Append(
            (
                Op.NewAttention(new(4, 2, [], false)),
                SmallGraph.Of(
                    3,
                    4,
                    (Op.NewTileChannels(3), [0]),
                    (Op.NewAttention(new(4, 2, [], false)), [1]),
                    (Op.NewTileChannels(3), [2]),
                    (Op.NewAttention(new(4, 2, [3, 3, 3], true)), [3])
                )
            )
        )
        .Append(
            // The index has no gradient, the map that it multiplies has.
            (
                Op.ArgmaxOverChannels,
                SmallGraph.Of(3, 4, (Op.ArgmaxOverChannels, [0]), (Op.Multiply, [0, 1]))
            )
        )
        .Append((Op.Add, SmallGraph.Of(3, 4, (Op.Add, [0, 0]))))
        .Append((Op.Multiply, SmallGraph.Of(3, 4, (Op.Multiply, [0, 0]))))
        .Append((Op.Concat, SmallGraph.Of(3, 4, (Op.Concat, [0, 0]))))
        .Append((Op.NewInput("image"), SmallGraph.Of(3, 4)))
        .ToDictionary(pair => CaseOf(pair.Item1), pair => pair.Item2);

    public static TheoryData<string> Names => [.. Graphs.Keys];

    private static Op Norm(NormOpKind kind) => Op.NewNorm(new(kind, 4, 1e-5, 0.1, true, true));

    private static string CaseOf(Op op) =>
        op switch
        {
            Op.Norm { Of: var norm } => $"Norm {NameOf(typeof(NormOpKind.Tags), norm.Kind.Tag)}",
            Op.Activation { Of: var of } => $"Activation {NameOf(typeof(Activation.Tags), of.Tag)}",
            _ => NameOf(typeof(Op.Tags), op.Tag),
        };

    private static FieldInfo[] CasesOf(Type tags) =>
        tags.GetFields(BindingFlags.Public | BindingFlags.Static);

    private static string NameOf(Type tags, int tag) =>
        CasesOf(tags).Single(field => (int)field.GetRawConstantValue()! == tag).Name;

    [Fact]
    public void The_table_has_a_row_for_each() =>
        Assert.Equal(
            CasesOf(typeof(Op.Tags))
                .SelectMany(field =>
                    field.Name switch
                    {
                        "Norm" => CasesOf(typeof(NormOpKind.Tags))
                            .Select(kind => $"Norm {kind.Name}"),
                        "Activation" => CasesOf(typeof(Activation.Tags))
                            .Select(kind => $"Activation {kind.Name}"),
                        var name => [name],
                    }
                )
                .Order(),
            Graphs.Keys.Order()
        );

    [Theory]
    [MemberData(nameof(Names))]
    public void It_computes_in_bfloat16_what_it_computes_in_float32(string name)
    {
        using var network = new TorchNetwork(Graphs[name], seed: 1);
        network.train();
        // Far enough apart that rounding does not change which is largest.
        var image = randperm(2 * 4 * 64).reshape([2, 4, 4, 4, 4]).to(float32) / 64 - 4;
        manual_seed(2);
        var exact = network.forward(image);
        manual_seed(2);
        Tensor rounded;
        using (Autocast.Enter(Precision.Bf16))
            rounded = network.forward(image);
        Assert.Equal(float32, rounded.dtype);
        SmallGraph.Same(exact, rounded, 0.02);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_hands_gradients_back_in_both_precisions(string name)
    {
        foreach (var precision in new[] { Precision.Fp32, Precision.Bf16 })
        {
            using var network = new TorchNetwork(Graphs[name], seed: 1);
            network.train();
            manual_seed(2);
            var image = randn([2L, 4, 4, 4, 4]).requires_grad_();
            Tensor answer;
            using (Autocast.Enter(precision))
                answer = network.forward(image);
            (answer * randn_like(answer)).sum().backward();
            Assert.All(
                network.parameters().Append(image),
                leaf => Assert.True(leaf.grad is { } slope && slope.isfinite().all().item<bool>())
            );
            Assert.NotEqual(0, image.grad!.abs().max().item<float>());
        }
    }
}
