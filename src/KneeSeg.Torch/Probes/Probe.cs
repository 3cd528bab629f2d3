using KneeSeg.Dsl;
using static System.Math;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Probes;

/// <summary>
/// Fills every weight and the input by <see cref="ProbeFormula"/>, predicts in float32 and summarizes the output: two
/// implementations of a network agree if these numbers do, to about 1e-4 of the larger of value and deviation.
/// </summary>
public static class Probe
{
    private delegate double Element(ReadOnlySpan<int> at);

    /// <summary>
    /// The default input size: 64×64 or 32×32×32, and more where the coarsest feature map would have a single voxel.
    /// </summary>
    public static int[] DefaultSize(Graph graph) =>
        [.. graph.Multiple.Select(multiple => Max(2 * multiple, graph.Axes == 2 ? 64 : 32))];

    /// <summary>Probes a network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="size">The input's size along each axis.</param>
    /// <param name="gain">Scales kernels; below 1 keeps gates and sigmoids from saturating.</param>
    /// <param name="probabilities">Whether to apply sigmoid (one class) or softmax, unless the network ends in a sigmoid.</param>
    /// <exception cref="SpecException">The size doesn't fit the network.</exception>
    /// <exception cref="ProblemException">The native libraries can't be loaded (exit 6).</exception>
    public static ProbeResult Run(Graph graph, int[] size, double gain, bool probabilities)
    {
        var cost = Networks.Cost(graph, size);
        using var network = new TorchNetwork(graph, seed: null);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Fill(network, gain);
        network.eval();
        var image = Filled(
            [1, graph.Channels, .. Array.ConvertAll(size, n => (long)n)],
            ProbeFormula.Image
        );
        var output = network.forward(image, tensor(ProbeFormula.Position).unsqueeze(0));
        if (
            probabilities
            && graph.Nodes[graph.Output].Op is not Op.Activation { Of.IsSigmoid: true }
        )
            output = graph.Classes == 1 ? output.sigmoid() : output.softmax(1);
        return Summarize(output, cost);
    }

    private static void Fill(TorchNetwork network, double gain)
    {
        var learning = network
            .Graph.Nodes.Where(node => node.Weights != "")
            .DistinctBy(node => node.Weights);
        foreach (var node in learning)
        foreach (var (name, parameter) in network.ParametersOf(node))
            parameter.copy_(
                Filled(parameter.shape, ElementOf(node.Op, name, parameter.shape, gain))
            );
    }

    private static Element ElementOf(Op op, string name, long[] shape, double gain)
    {
        double fanIn = op is Op.Deconv ? shape[0] : shape[1..].Aggregate(1L, (a, b) => a * b);
        return (op, name) switch
        {
            (Op.Conv or Op.Dense, "weight") => at =>
                ProbeFormula.Kernel(gain, fanIn, at[0], at[1], at),
            (Op.Deconv, "weight") => at => ProbeFormula.Kernel(gain, fanIn, at[1], at[0], at),
            (Op.Conv or Op.Deconv or Op.Dense, _) => at => ProbeFormula.Bias(at[0]),
            (Op.Activation, _) => _ => 0.25,
            (_, "weight") => at => ProbeFormula.Scale(at[0]),
            _ => at => ProbeFormula.Shift(at[0]),
        };
    }

    private static Tensor Filled(long[] shape, Element element)
    {
        var values = new float[shape.Aggregate((a, b) => a * b)];
        Span<int> at = stackalloc int[shape.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)element(at);
            for (var axis = shape.Length - 1; axis >= 0 && ++at[axis] == shape[axis]; axis--)
                at[axis] = 0;
        }
        return tensor(values, shape);
    }

    /// <summary>The flat index of the voxel at half of every axis, in a channel.</summary>
    private static int Center(Tensor output) =>
        output.shape[2..].Aggregate(0, (index, length) => index * (int)length + (int)length / 2);

    private static ProbeResult Summarize(Tensor output, Cost cost)
    {
        var all = output.contiguous().data<float>().ToArray();
        var voxels = all.Length / (int)output.shape[1];
        var mean = all.Average(value => (double)value);
        return new(
            cost.Parameters,
            cost.Macs,
            [.. output.shape[1..].Select(length => (int)length)],
            mean,
            Math.Sqrt(all.Average(value => (value - mean) * (value - mean))),
            all.Min(),
            all.Max(),
            all[0],
            all[Center(output)],
            all[voxels - 1]
        );
    }
}

/// <summary>What a network outputs for weights and input that are fixed formulas.</summary>
/// <param name="Parameters">Learned numbers, shared ones counted once.</param>
/// <param name="Macs">Multiply-accumulates at this size.</param>
/// <param name="Shape">The output's shape, <c>[C, (D,) H, W]</c>.</param>
/// <param name="Mean">Over the whole output, as are the next three.</param>
/// <param name="Std">Population standard deviation.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="First">Channel 0 at its first voxel.</param>
/// <param name="Mid">Channel 0 at its center, voxel ⌊n/2⌋ of the n along each axis.</param>
/// <param name="Last">Channel 0 at its last voxel.</param>
public sealed record ProbeResult(
    long Parameters,
    long Macs,
    int[] Shape,
    double Mean,
    double Std,
    double Min,
    double Max,
    double First,
    double Mid,
    double Last
);

/// <summary>
/// The formulas that fill a probed network, each a function of an element's indices alone, so that another
/// implementation can fill its own the same whatever the order and layout of its weights.
/// </summary>
internal static class ProbeFormula
{
    /// <summary>The image: sin(0.1·p + 0.05·q + 0.07·r + channel), p, q, r along the spatial axes.</summary>
    public static double Image(ReadOnlySpan<int> at) =>
        Sin(0.1 * Along(at, 2) + 0.05 * Along(at, 3) + 0.07 * Along(at, 4) + at[1]);

    /// <summary>The position vector.</summary>
    public static float[] Position => [0.5f, 0, -0.5f];

    /// <summary>A kernel's or matrix's element, with a, b, c along the kernel's axes.</summary>
    /// <param name="gain">Scales all of them.</param>
    /// <param name="fanIn">The fan-in of each output.</param>
    /// <param name="output">Its output channel.</param>
    /// <param name="input">Its input channel.</param>
    /// <param name="at">Its indices in the tensor, of which those from the third count.</param>
    public static double Kernel(
        double gain,
        double fanIn,
        int output,
        int input,
        ReadOnlySpan<int> at
    ) =>
        gain
        / fanIn
        * (
            1
            + 0.5 * Cosine(input + 2 * output)
            + 0.1 * (Along(at, 2) - Along(at, 3) + 0.5 * Along(at, 4))
        );

    /// <summary>A bias of a convolution or dense layer.</summary>
    public static double Bias(int output) => 0.01 * (output % 3);

    /// <summary>A normalization's gamma.</summary>
    public static double Scale(int channel) => 1 + 0.1 * Sin(channel);

    /// <summary>A normalization's beta.</summary>
    public static double Shift(int channel) => 0.05 * Cos(channel);

    // Cached: every tap of a kernel needs the same value.
    private static readonly double[] Cosines =
    [
        .. Enumerable.Range(0, 1 << 14).Select(n => Cos(n)),
    ];

    private static double Cosine(int n) => n < Cosines.Length ? Cosines[n] : Cos(n);

    private static int Along(ReadOnlySpan<int> at, int axis) => axis < at.Length ? at[axis] : 0;
}
