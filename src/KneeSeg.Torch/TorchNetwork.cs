using KneeSeg.Dsl;
using KneeSeg.Torch.Fused;
using KneeSeg.Torch.Layers;
using KneeSeg.Torch.Native;
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
    private readonly BatchNormalization[] norms;
    private readonly Dictionary<ScalarType, (Node[] Nodes, NetworkModule?[] Layers)> fused = [];
    private IReadOnlyList<NetworkModule> folded = [];
    private int[] checkedSize = [];

    /// <summary>Creates the network with fresh weights: Kaiming normal, biases 0, norms 1 and 0.</summary>
    /// <param name="graph">What it computes.</param>
    /// <param name="seed">
    /// The seed of the random weights. Null leaves weights uninitialized, to be loaded.
    /// </param>
    /// <param name="device">The device; the CPU by default.</param>
    /// <exception cref="ProblemException">The native libraries can't be loaded (exit 6).</exception>
    public TorchNetwork(Graph graph, long? seed = 0, Device? device = null)
        : base(graph.Name)
    {
        NativeStart.Initialize();
        this.graph = graph;
        this.device = device ?? CPU;
        var shared = graph
            .Nodes.Where(node => node.Weights != "")
            .DistinctBy(node => node.Weights)
            .ToDictionary(node => node.Weights, LayerOf);
        layers = Array.ConvertAll(
            graph.Nodes,
            node =>
                node.Op is Op.Input ? null : shared.GetValueOrDefault(node.Weights) ?? LayerOf(node)
        );
        norms = [.. layers.OfType<BatchNormalization>().Distinct()];
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

    /// <summary>What computes narrow layers, on a CPU.</summary>
    public KernelChoice Kernels { get; init; } = KernelChoice.Own;

    /// <summary>
    /// Folds batch norms into the convolutions before them, for faster prediction. From then on the network can only
    /// predict: training no longer affects its output.
    /// </summary>
    public void FoldBatchNorm()
    {
        folded = [.. folded, .. BatchNormFolding.Fold(graph, layers)];
        fused.Clear();
    }

    /// <summary>What the names of a node's weights begin with, such as <c>level2.decode.conv1</c>.</summary>
    /// <param name="node">A node with weights.</param>
    public static string NameOf(Node node) => ParameterTree.Name(node.Weights);

    /// <summary>The logits of a batch.</summary>
    /// <param name="image"><c>[N, C, (D,) H, W]</c>, on the network's device.</param>
    /// <param name="position">
    /// The patch positions in their images, <c>[N, 3]</c> in -1 to 1. Required by networks conditioned on it, ignored by
    /// others.
    /// </param>
    /// <returns>
    /// <c>[N, classes, (D,) H, W]</c>, float32 at any <see cref="Autocast"/> precision; D is 1 if the network collapses slices.
    /// </returns>
    /// <exception cref="SpecException">The size doesn't fit the network; names the axis.</exception>
    /// <exception cref="ArgumentNullException">The network is conditioned on the position, and none was given.</exception>
    /// <exception cref="ProblemException">The image has other axes or channels than the network (exit 4).</exception>
    public override Tensor forward(Tensor image, Tensor? position = null) =>
        Run(PlanFor([]), image, position)[0];

    /// <summary>The logits of a batch and some named outputs.</summary>
    /// <param name="image">As <see cref="forward(Tensor, Tensor?)"/> takes it, and throws.</param>
    /// <param name="position">Likewise.</param>
    /// <param name="outputs">Of the graph's.</param>
    /// <returns>The logits, then each output <c>[N, C, …]</c> in its own size; all float32.</returns>
    public Tensor[] Forward(Tensor image, Tensor? position, IReadOnlyList<NamedOutput> outputs) =>
        Run(PlanFor(outputs), image, position);

    private ExecutionPlan PlanFor(IReadOnlyList<NamedOutput> outputs)
    {
        var (nodes, modules) = FusedNodes();
        return ExecutionPlan.Of(nodes, modules, [graph.Output, .. outputs.Select(one => one.Node)]);
    }

    /// <summary>The nodes that run at this thread's precision, and their modules.</summary>
    internal (Node[] Nodes, NetworkModule?[] Layers) FusedNodes()
    {
        var type = Autocast.TypeOn(device);
        if (!fused.TryGetValue(type, out var run))
            fused[type] = run =
                Kernels == KernelChoice.Own && device.type == TorchSharp.DeviceType.CPU
                    ? BlockFusion.Of(graph, layers, type)
                    : (graph.Nodes, layers);
        return run;
    }

    private Tensor[] Run(ExecutionPlan plan, Tensor image, Tensor? position)
    {
        Check(image);
        using var pass = new ForwardContext(Autocast.TypeOn(device), training, image, position);
        var values = new Tensor?[graph.Nodes.Length];
        try
        {
            plan.Run(plan.Nodes, values, pass);
            return Array.ConvertAll(
                plan.Outputs,
                id => ForwardContext.Cast(values[id]!, ScalarType.Float32)
            );
        }
        finally
        {
            foreach (var value in values)
                value?.Dispose();
        }
    }

    /// <summary>Starts a training pass: the logits of a batch, its named outputs, and later all gradients.</summary>
    /// <param name="image">As <see cref="forward(Tensor, Tensor?)"/> takes it, and throws.</param>
    /// <param name="position">Likewise.</param>
    /// <param name="segmentStarts">
    /// Activation checkpointing: the first nodes of the segments; see <see cref="ActivationCheckpointing.SegmentBoundaries"/>. All segments but the
    /// last are recomputed in the backward pass, to the same numbers, instead of being kept.
    /// </param>
    public TrainingForward ForwardForTraining(
        Tensor image,
        Tensor? position = null,
        params int[] segmentStarts
    ) => ForwardForTraining(image, position, null, null, segmentStarts);

    /// <summary>Starts the training pass of one part of a batch, which leaves the running statistics as they are.</summary>
    /// <param name="image">As <see cref="forward(Tensor, Tensor?)"/> takes it, and throws.</param>
    /// <param name="position">Likewise.</param>
    /// <param name="statistics">Receives the updates of running statistics; null to update the network's own.</param>
    /// <param name="watch">Learns of complete gradients; may be null.</param>
    /// <param name="segmentStarts">See the other overload.</param>
    internal TrainingForward ForwardForTraining(
        Tensor image,
        Tensor? position,
        PartStatistics? statistics,
        GradientWatch? watch,
        int[] segmentStarts
    )
    {
        Check(image);
        return new(
            PlanFor(graph.NamedOutputs),
            segmentStarts,
            new ForwardContext(Autocast.TypeOn(device), training, image, position)
            {
                Statistics = statistics,
                Watch = watch,
            }
        );
    }

    /// <summary>
    /// The weights that training changes, in the order in which gradients are completed: each with the node before the first that
    /// uses it. When a <see cref="GradientWatch"/> reports that node, the gradient is complete.
    /// </summary>
    internal IReadOnlyList<(Tensor Weight, int Before)> WeightsInBackwardOrder() =>
        [
            .. graph
                .Nodes.Where(node => node.Weights != "")
                .DistinctBy(node => node.Weights)
                .SelectMany(node => ParametersOf(node).Select(pair => (pair.Value, node.Args[0])))
                .Reverse(),
        ];

    /// <summary>Statistics for one part of a batch, to be applied with those of the others.</summary>
    internal PartStatistics NewPartStatistics() => new(norms);

    /// <summary>Updates the running statistics by the parts of a batch, one after another.</summary>
    /// <param name="parts">The <see cref="PartStatistics.Values"/> of each part, in order.</param>
    internal void ApplyStatistics(IReadOnlyList<double[]> parts)
    {
        var at = 0;
        foreach (var norm in norms)
        {
            norm.Apply([
                .. parts.Select(part => new ArraySegment<double>(part, at, norm.PartLength)),
            ]);
            at += norm.PartLength;
        }
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
        var plan = PlanFor(graph.NamedOutputs);
        plan.Run(
            plan.Nodes,
            new Tensor?[graph.Nodes.Length],
            pass,
            (node, value) => first ??= IsFinite(value) ? null : node.Stage
        );
        return first;
    }

    /// <summary>The stage nearest the output whose gradient is not finite; null where all are.</summary>
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

    /// <summary>Frees the weights.</summary>
    protected override void Dispose(bool disposing)
    {
        foreach (var layer in folded)
            layer.Dispose();
        folded = [];
        base.Dispose(disposing);
    }

    /// <summary>The nodes that predicting the logits and some named outputs runs, in order.</summary>
    internal IReadOnlyList<Node> NodesFor(IReadOnlyList<NamedOutput> outputs) =>
        ExecutionPlan
            .Of(graph.Nodes, layers, [graph.Output, .. outputs.Select(one => one.Node)])
            .Nodes;

    /// <summary>
    /// The tensors that a node predicts with, by the last part of their names: a standardized kernel as it is used, a folded
    /// one with its bias, and none for a norm that was folded.
    /// </summary>
    internal IReadOnlyDictionary<string, Tensor> InferenceTensors(Node node) =>
        layers[node.Id]?.InferenceTensors().ToDictionary(pair => pair.Name, pair => pair.Value)
        ?? [];

    /// <summary>A node's parameters, by the last part of their names: <c>weight</c>, <c>bias</c>.</summary>
    internal IEnumerable<(string Name, Tensor Value)> ParametersOf(Node node) =>
        layers[node.Id]!
            .named_parameters(recurse: false)
            .Select(pair => (pair.name, (Tensor)pair.parameter));

    private void Check(Tensor image)
    {
        if (image.dim() != graph.Axes + 2 || image.shape[1] != graph.Channels)
            throw new ProblemException(
                ExitCode.Spec,
                graph.Name,
                $"got an image with {image.dim() - 2} spatial axes and {image.shape[1]} channels",
                $"Pass an image with {graph.Axes} spatial axes and {graph.Channels} channels, or declare the network for this image"
            );
        int[] size = [.. image.shape[2..].Select(length => (int)length)];
        if (size.AsSpan().SequenceEqual(checkedSize))
            return;
        Networks.CheckSize(graph, size);
        checkedSize = size;
    }
}

/// <summary>What computes the narrow layers of a network.</summary>
public enum KernelChoice
{
    /// <summary>Kernels of our own where they are faster than libtorch's; float32 at any precision.</summary>
    Own,

    /// <summary>Libtorch, as all other layers.</summary>
    Libtorch,
}
