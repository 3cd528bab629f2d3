using KneeSeg.Dsl;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Networks whose output follows from their input by a formula.</summary>
internal static class HandMadeNetworks
{
    /// <summary>One convolution without padding, with these weights and biases.</summary>
    /// <param name="kernel">By axis; above 1 along the depth a slab becomes a slice.</param>
    /// <param name="weights">[class, kernel].</param>
    /// <param name="biases">One a class.</param>
    public static TorchNetwork Convolution(int[] kernel, float[] weights, float[] biases)
    {
        int[] ones = [.. kernel.Select(_ => 1)];
        int[] zeros = [.. kernel.Select(_ => 0)];
        // Padded in the plane, so that only the depth gets smaller.
        int[] padding =
        [
            .. kernel.Select((k, axis) => kernel.Length == 3 && axis == 0 ? 0 : k / 2),
        ];
        int[] coarser = kernel.Length == 3 && kernel[0] > 1 ? [0, 1, 1] : ones;
        var conv = new ConvOp(
            1,
            biases.Length,
            kernel,
            ones,
            ones,
            padding,
            padding,
            1,
            true,
            false
        );
        var network = new TorchNetwork(
            Graph(
                kernel.Length,
                biases.Length,
                Input("image", 0, 1, ones),
                new Node(
                    1,
                    Op.NewConv(conv),
                    [0],
                    [Step.Head],
                    "head",
                    new Shape(biases.Length, coarser, zeros),
                    false
                )
            )
        );
        using var quiet = no_grad();
        Fill(network, "head.weight", weights);
        Fill(network, "head.bias", biases);
        return network;
    }

    /// <summary>Three classes whose logits are the position vector, everywhere.</summary>
    public static TorchNetwork Position() =>
        new(
            Graph(
                3,
                3,
                Input("image", 0, 1, [1, 1, 1]),
                Input("position", 1, 3, [0, 0, 0]),
                new Node(
                    2,
                    Op.Broadcast,
                    [1, 0],
                    [Step.NewSpread(1)],
                    "",
                    new Shape(3, [1, 1, 1], [0, 0, 0]),
                    false
                )
            )
        );

    private static Graph Graph(int axes, int classes, params Node[] nodes) =>
        new(
            "made by hand",
            "",
            axes,
            1,
            classes,
            nodes,
            nodes.Length - 1,
            [],
            [.. Enumerable.Repeat(1, axes)],
            0
        );

    private static Node Input(string name, int id, int channels, int[] coarser) =>
        new(
            id,
            Op.NewInput(name),
            [],
            [Step.NewInput(name)],
            "",
            new Shape(channels, coarser, new int[coarser.Length]),
            false
        );

    private static void Fill(TorchNetwork network, string name, float[] values)
    {
        var parameter = network.get_parameter(name);
        parameter!.copy_(tensor(values).reshape(parameter.shape));
    }
}
