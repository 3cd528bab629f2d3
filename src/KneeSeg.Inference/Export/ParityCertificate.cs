using KneeSeg.Dsl;
using KneeSeg.Onnx;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Inference.Export;

/// <summary>How closely ONNX Runtime follows a network, measured on windows through both in float32.</summary>
/// <param name="Runtime">The version of ONNX Runtime.</param>
/// <param name="Opset">The version of the operators.</param>
/// <param name="Operators">How many of each operator the model has.</param>
/// <param name="RandomWindows">How many windows of noise were compared.</param>
/// <param name="RealWindows">How many windows of images were compared.</param>
/// <param name="LargestDifference">The largest difference of logits, in deviations of a window's logits.</param>
/// <param name="TypicalDifference">What nine tenths of the differences are below, in the worst window.</param>
/// <param name="SameLabels">The fraction of voxels with the same label.</param>
/// <param name="Tolerance">
/// What the typical difference may be. The largest may be ten times that, since some networks amplify rounding; of networks that use
/// the place of a maximum, it may be anything: the last bit of two nearly equal values decides where that is.
/// </param>
public sealed record ParityCertificate(
    string Runtime,
    int Opset,
    IReadOnlyDictionary<string, int> Operators,
    int RandomWindows,
    int RealWindows,
    double LargestDifference,
    double TypicalDifference,
    double SameLabels,
    double Tolerance
)
{
    // Twice alone and once together, as a model is for batches of any size.
    private static readonly int[] Batches = [1, 1, 2];

    /// <summary>Compares a model with its network.</summary>
    /// <param name="model">The model's bytes.</param>
    /// <param name="network">The network, in evaluation mode on the CPU.</param>
    /// <param name="window">The size of a window.</param>
    /// <param name="outputs">The model's named outputs.</param>
    /// <param name="type">How the model's weights are stored.</param>
    /// <param name="real">Windows of images, each <c>[1, C, (D,) H, W]</c>.</param>
    /// <param name="where">The model's file, for problems.</param>
    /// <exception cref="ProblemException">ONNX Runtime can't load it (exit 5).</exception>
    internal static ParityCertificate Of(
        byte[] model,
        TorchNetwork network,
        int[] window,
        IReadOnlyList<NamedOutput> outputs,
        WeightType type,
        IReadOnlyList<Tensor> real,
        string where
    )
    {
        string[] names = [OnnxModel.Logits, .. outputs.Select(OnnxModel.NameOf)];
        using var runtime = new OnnxNetwork(model, where);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var random = new Generator(1);
        Tensor[] windows =
        [
            .. Batches.Select(batch =>
                randn(
                    [batch, network.Graph.Channels, .. window.Select(length => (long)length)],
                    generator: random
                )
            ),
            .. real,
        ];
        var (largest, typical, same, voxels) = (0.0, 0.0, 0L, 0L);
        foreach (var image in windows)
        {
            var position = rand([image.shape[0], 3], generator: random) * 2 - 1;
            var expected = network.Forward(image, position, outputs);
            var found = runtime
                .Run(
                    image.data<float>().ToArray(),
                    image.shape,
                    position.data<float>().ToArray(),
                    names
                )
                .Select(result => tensor(result.Values, result.Shape))
                .ToArray();
            foreach (var (theirs, ours) in found.Zip(expected))
            {
                var apart =
                    (theirs - ours).abs().flatten()
                    / Math.Max(1e-6, ours.std(unbiased: false).item<float>());
                largest = Math.Max(largest, apart.max().item<float>());
                var (below, index) = apart.kthvalue(apart.numel() * 9 / 10 + 1, 0);
                typical = Math.Max(typical, below.item<float>());
            }
            var labels = Labels(expected[0]);
            same += Labels(found[0]).eq(labels).sum().item<long>();
            voxels += labels.numel();
        }
        return new(
            OnnxNetwork.Runtime,
            OnnxModel.Opset,
            OnnxModel.Operators(model),
            Batches.Sum(),
            real.Count,
            largest,
            typical,
            (double)same / voxels,
            ToleranceOf(type)
        );
    }

    /// <summary>Whether the differences are within the tolerance.</summary>
    internal bool Holds(Graph graph) =>
        TypicalDifference <= Tolerance
        && (
            LargestDifference <= 10 * Tolerance
            || graph.Nodes.Any(node => node.Op is Op.Unpool || node.Op.IsArgmaxOverChannels)
        );

    // Rounded weights differ from those of the network; then the label is what counts.
    private static double ToleranceOf(WeightType type) =>
        type switch
        {
            WeightType.Float16 => 0.01,
            WeightType.BFloat16 => 0.1,
            _ => 1e-4,
        };

    private static Tensor Labels(Tensor logits) =>
        logits.shape[1] == 1 ? logits > 0 : logits.argmax(1);
}
