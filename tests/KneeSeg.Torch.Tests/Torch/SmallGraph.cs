using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>Graphs of a few nodes, written by hand.</summary>
internal static class SmallGraph
{
    /// <summary>Operations in a chain: each reads the node before, or the nodes named.</summary>
    public static Graph Of(int axes, int channels, params (Op Op, int[] Args)[] steps)
    {
        var shape = new Shape(channels, [.. Enumerable.Repeat(1, axes)], new int[axes]);
        Node[] nodes =
        [
            new(0, Op.NewInput("image"), [], [Step.NewInput("image")], "", shape, false),
            .. steps.Select(
                (step, i) =>
                    new Node(
                        i + 1,
                        step.Op,
                        step.Args,
                        [Step.NewDenseLayer(i + 1)],
                        $"step {i + 1}",
                        shape,
                        false
                    )
            ),
        ];
        return new(
            "small",
            "",
            axes,
            channels,
            1,
            nodes,
            nodes.Length - 1,
            [],
            [.. Enumerable.Repeat(1, axes)],
            0
        );
    }

    /// <summary>One operation on the image.</summary>
    public static TorchNetwork Layer(Op op, int axes, int channels) =>
        new(Of(axes, channels, (op, [0])), seed: 5);

    /// <summary>What one operation makes of an image, when predicting.</summary>
    public static Tensor Predict(Op op, Tensor image)
    {
        using var network = Layer(op, (int)image.dim() - 2, (int)image.shape[1]);
        network.eval();
        return network.forward(image);
    }

    /// <summary>Sets a weight of the step that a graph has.</summary>
    public static void Set(this TorchNetwork network, string name, Tensor value)
    {
        using var _ = no_grad();
        network.state_dict()[$"step1.{name}"].copy_(value);
    }

    /// <summary>An image of one row: 1×1×1×n.</summary>
    public static Tensor Row(params float[] values) => tensor(values, [1, 1, 1, values.Length]);

    /// <summary>All numbers of a tensor, in row-major order.</summary>
    public static float[] Numbers(this Tensor tensor) =>
        tensor.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray();

    public static void Same(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.shape, actual.shape);
        var gap = (expected - actual).abs().max().item<float>();
        Assert.True(
            gap <= tolerance * Math.Max(1, expected.abs().max().item<float>()),
            $"differs by {gap}"
        );
    }
}
