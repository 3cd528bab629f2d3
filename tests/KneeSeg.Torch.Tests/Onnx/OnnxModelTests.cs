using System.Runtime.InteropServices;
using KneeSeg.Dsl;
using KneeSeg.Onnx;
using KneeSeg.Torch.Native;
using KneeSeg.Torch.Tests.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Onnx;

/// <summary>What ONNX Runtime makes of exported models.</summary>
public sealed class OnnxModelTests
{
    // Of the output's deviation. Norms over few voxels, as in these small maps, magnify the last bits.
    private const double Tolerance = 1e-3;

    public OnnxModelTests() => NativeStart.Initialize();

    public static TheoryData<string> Operations => [.. EveryOperationTests.Graphs.Keys];

    // Each has something that the others lack; bench/run onnx takes all.
    public static TheoryData<string> Zoo =>
        [
            "segnet",
            "nnunet",
            "unet-scse",
            "deeplab-v3-plus",
            "hrnet-w18",
            "coarse-to-fine",
            "mednext-s",
            "small-relative-vnet",
            "unetr",
            "swin-unetr",
        ];

    public static TheoryData<int> Random => [.. Enumerable.Range(0, 30)];

    [Fact]
    public void ONNX_Runtime_does_not_report_its_use()
    {
        _ = OnnxNetwork.Runtime;

        Assert.Equal("1", Marshal.PtrToStringUTF8(getenv("ORT_DISABLE_TELEMETRY")));

        [DllImport("libc")]
        static extern nint getenv(string name);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Each_operation_has_the_same_output(string name) =>
        Same(EveryOperationTests.Graphs[name], [4, 4, 4]);

    [Theory]
    [MemberData(nameof(Zoo))]
    public void A_network_of_the_zoo_has_the_same_output(string name)
    {
        var graph = Networks.Load($"{name}+tiny", channels: 1, classes: 3);
        Same(graph, FamilyTests.SmallestSize(graph));
    }

    [Theory]
    [MemberData(nameof(Random))]
    public void A_random_network_has_the_same_output(int number)
    {
        var graph = LegalNetworkTests.Graphs[number];
        Same(graph, [.. graph.Multiple.Select(multiple => 2 * multiple)]);
    }

    private static void Same(Graph graph, int[] size)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var network = new TorchNetwork(graph, seed: 3);
        BatchNormFoldingTests.Randomize(network);
        network.eval();
        long[] shape = [2, graph.Channels, .. size.Select(length => (long)length)];
        var image = randn(shape, generator: new Generator(5));
        var position = rand([2L, 3], generator: new Generator(6)) * 2 - 1;
        var expected = network.Forward(image, position, graph.NamedOutputs);

        using var model = new OnnxNetwork(
            OnnxModel.Of(network, size, WeightType.Float32, graph.NamedOutputs, []),
            graph.Name,
            threads: 1
        );
        var found = model.Run(
            image.data<float>().ToArray(),
            shape,
            position.data<float>().ToArray(),
            [OnnxModel.Logits, .. graph.NamedOutputs.Select(OnnxModel.NameOf)]
        );

        foreach (var (ours, (values, itsShape)) in expected.Zip(found))
        {
            Assert.Equal(ours.shape, itsShape);
            var apart = (tensor(values, itsShape) - ours).abs().max().item<float>();
            var spread = Math.Max(ours.std(unbiased: false).item<float>(), 1e-3);
            Assert.InRange(apart / spread, 0, Tolerance);
        }
    }
}
