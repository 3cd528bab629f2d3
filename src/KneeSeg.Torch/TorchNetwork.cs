using KneeSeg.Dsl;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>
/// A graph as a TorchSharp module. Parameters are named by the stage of their weights, with dots for slashes and
/// without spaces: <c>level2.decode.conv1.weight</c>. Those that stages share exist once.
/// </summary>
public sealed class TorchNetwork : nn.Module<Tensor, Tensor?, Tensor>
{
    private readonly Graph graph;
    private readonly Device device;
    private readonly NetworkModule?[] layers;
    private readonly ExecutionPlan predicting;
    private readonly ExecutionPlan teaching;
    private IReadOnlyList<NetworkModule> folded = [];
    private int[] checkedSize = [];

    /// <summary>Makes the network with fresh weights: He et al.'s normal ones, biases 0, norms 1 and 0.</summary>
    /// <param name="graph">What it computes.</param>
    /// <param name="seed">
    /// Names the random weights; the same seed gives the same ones. Null makes none, for weights that are to be loaded.
    /// </param>
    /// <param name="device">Where it lives; the processor unless said.</param>
    /// <exception cref="ProblemException">The native libraries can't be loaded (exit 6).</exception>
    public TorchNetwork(Graph graph, long? seed = 0, Device? device = null)
        : base(graph.Name)
    {
        NativeStart.Initialize();
        this.graph = graph;
        this.device = device ?? CPU;
        predicting = ExecutionPlan.Of(graph, withHeads: false);
        teaching = ExecutionPlan.Of(graph, withHeads: true);
        var shared = graph
            .Nodes.Where(node => node.Weights != "")
            .DistinctBy(node => node.Weights)
            .ToDictionary(node => node.Weights, LayerOf);
        layers = Array.ConvertAll(
            graph.Nodes,
            node =>
                node.Op is Op.Input ? null : shared.GetValueOrDefault(node.Weights) ?? LayerOf(node)
        );
        ParameterTree.Register(this, shared);

        NetworkModule LayerOf(Node node) =>
            ModuleFactory.Of(
                graph,
                node,
                new WeightInitialization(node.Weights, seed, this.device)
            );
    }

    /// <summary>What it computes.</summary>
    public Graph Graph => graph;

    /// <summary>
    /// Takes batch norms into the convolutions before them, which predicts faster. From then on the network can only
    /// predict: its weights are used as they are now, and training it changes nothing.
    /// </summary>
    public void FoldBatchNorm() => folded = [.. folded, .. BatchNormFolding.Fold(graph, layers)];

    /// <summary>The logits of a batch.</summary>
    /// <param name="image"><c>[N, C, (D,) H, W]</c>, on the network's device.</param>
    /// <param name="position">
    /// Where each patch lay in its image, <c>[N, 3]</c> in -1 to 1. Networks that don't look at it ignore it; those
    /// that do need it.
    /// </param>
    /// <returns>
    /// <c>[N, classes, (D,) H, W]</c>, float32 whatever <see cref="Autocast"/> says; D is 1 where slices became one.
    /// </returns>
    /// <exception cref="SpecException">The size doesn't fit the network; names the axis.</exception>
    /// <exception cref="ArgumentNullException">The network looks at the position, and none was given.</exception>
    /// <exception cref="ProblemException">The image has other axes or channels than the network (exit 4).</exception>
    public override Tensor forward(Tensor image, Tensor? position = null)
    {
        Check(image);
        using var pass = new ForwardContext(Autocast.TypeOn(device), training, image, position);
        var values = new Tensor?[graph.Nodes.Length];
        try
        {
            Walk(predicting.Nodes, predicting, values, pass);
            return ForwardContext.Cast(values[graph.Output]!, ScalarType.Float32);
        }
        finally
        {
            foreach (var value in values)
                value?.Dispose();
        }
    }

    /// <summary>Goes through the network to teach it: for the logits of a batch, those of heads, and all gradients.</summary>
    /// <param name="image">As <see cref="forward(Tensor, Tensor?)"/> takes it, and throws.</param>
    /// <param name="position">Likewise.</param>
    /// <param name="cuts">
    /// The nodes that begin a segment; see <see cref="ActivationCheckpointing.SegmentBoundaries"/>. All segments but the last are computed twice, to
    /// the same numbers, instead of being kept.
    /// </param>
    public TrainingForward ForwardForTraining(
        Tensor image,
        Tensor? position = null,
        params int[] cuts
    )
    {
        Check(image);
        return new(
            this,
            teaching,
            cuts,
            new ForwardContext(Autocast.TypeOn(device), training, image, position)
        );
    }

    /// <summary>The first stage whose value is not finite for a batch; null where all are.</summary>
    /// <param name="image">As <see cref="forward(Tensor, Tensor?)"/> takes it, and throws.</param>
    /// <param name="position">Likewise.</param>
    public string? FirstNotFinite(Tensor image, Tensor? position = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Check(image);
        using var pass = new ForwardContext(Autocast.TypeOn(device), training, image, position);
        string? first = null;
        Walk(
            teaching.Nodes,
            teaching,
            new Tensor?[graph.Nodes.Length],
            pass,
            (node, value) => first ??= IsFinite(value) ? null : node.Stage
        );
        return first;
    }

    /// <summary>The stage of the gradient that is not finite and was made first, from the output; null where all are.</summary>
    public string? FirstGradientNotFinite()
    {
        using var scope = NewDisposeScope();
        return Enumerable
            .Reverse(graph.Nodes)
            .Where(node => node.Weights != "")
            .FirstOrDefault(node =>
                ParametersOf(node).Any(pair => pair.Value.grad is { } grad && !IsFinite(grad))
            )
            ?.Stage;
    }

    private static bool IsFinite(Tensor value) => value.isfinite().all().item<bool>();

    /// <summary>Lets go of the weights.</summary>
    protected override void Dispose(bool disposing)
    {
        foreach (var layer in folded)
            layer.Dispose();
        folded = [];
        base.Dispose(disposing);
    }

    /// <summary>Computes nodes in order, and lets go of each one's value after the last of them that reads it.</summary>
    /// <param name="nodes">All of a plan's, or some that follow each other.</param>
    /// <param name="plan">Says until when a value is needed.</param>
    /// <param name="values">By node; gets theirs, and has those of earlier ones, which stay.</param>
    /// <param name="pass">What holds for all of them.</param>
    /// <param name="seen">Gets each value as soon as it is there.</param>
    internal void Walk(
        ReadOnlySpan<Node> nodes,
        ExecutionPlan plan,
        Tensor?[] values,
        ForwardContext pass,
        Action<Node, Tensor>? seen = null
    )
    {
        var first = nodes[0].Id;
        foreach (var node in nodes)
        {
            values[node.Id] = node.Op is Op.Input { Name: var name }
                ? Entering(name == "image" ? pass.Image : pass.Position, pass)
                : layers[node.Id]!.Run(Array.ConvertAll(node.Args, id => values[id]!), pass);
            seen?.Invoke(node, values[node.Id]!);
            foreach (var id in node.Args)
                if (plan.LastUse[id] == node.Id && id >= first)
                    values[id]!.Dispose();
        }
    }

    /// <summary>What a node has learned, by the last part of its name: <c>weight</c>, <c>bias</c>.</summary>
    internal IEnumerable<(string Name, Tensor Value)> ParametersOf(Node node) =>
        layers[node.Id]!
            .named_parameters(recurse: false)
            .Select(pair => (pair.name, (Tensor)pair.parameter));

    /// <summary>An input in the pass's type and format; the position vector becomes a map of one voxel.</summary>
    private Tensor Entering(Tensor? input, ForwardContext pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var map =
            input.dim() == 2
                ? input.reshape([.. input.shape, .. Enumerable.Repeat(1L, graph.Axes)])
                : input;
        return ChannelsLast.Of(ForwardContext.Cast(map, pass.Type)).MoveToOuterDisposeScope();
    }

    private void Check(Tensor image)
    {
        if (image.dim() != graph.Axes + 2 || image.shape[1] != graph.Channels)
            throw new ProblemException(
                ExitCode.Spec,
                graph.Name,
                $"got an image of {image.dim() - 2} axes and {image.shape[1]} channels",
                $"Give it {graph.Axes} axes and {graph.Channels} channels, or declare the network for this image"
            );
        int[] size = [.. image.shape[2..].Select(length => (int)length)];
        if (size.AsSpan().SequenceEqual(checkedSize))
            return;
        Networks.CheckSize(graph, size);
        checkedSize = size;
    }
}
