using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Runs;
using static TorchSharp.torch;

namespace KneeSeg.Training.Losses;

/// <summary>
/// The loss of a network with all its outputs: the weighted mean over those that are compared with the labels (deep
/// supervision, Lee et al. 2015), plus the weighted losses of those with other targets. An output k times coarser than the
/// labels is compared with every k-th and has the weight 1/k (Isensee et al. 2021), unless the recipe says otherwise.
/// </summary>
/// <param name="own">The loss of the network's own output.</param>
/// <param name="named">Those of its named outputs.</param>
internal sealed class NetworkLoss(OutputLoss own, params IReadOnlyList<NamedLoss> named)
{
    // Distances are in mm and logits of whole patches learn fast: both would outweigh the segmentation.
    private const double OtherWeight = 0.1;

    /// <summary>As a recipe has it.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="spacing">Of the labels.</param>
    /// <exception cref="ProblemException">The recipe has a loss that an output can't be trained with (exit 2).</exception>
    public static NetworkLoss Of(Graph graph, Recipe recipe, ModelSpacing spacing) =>
        new(
            Loss.Of(recipe.Loss),
            [.. graph.NamedOutputs.Select(output => Of(output, recipe, spacing))]
        );

    /// <summary>Checks that a recipe's outputs are those of a network.</summary>
    /// <exception cref="ProblemException">An output doesn't exist, or its loss is for another target (exit 2).</exception>
    public static void Check(Graph graph, Recipe recipe)
    {
        foreach (var one in recipe.Outputs?.Each ?? [])
            NamedOutputs.Find(
                graph,
                one.Output,
                $"outputs={one.Output}",
                "Give the network one with `output`, or leave `outputs` out of the recipe"
            );
        _ = Of(graph, recipe, default);
    }

    /// <summary>The outputs' names, the network's own first; none without named outputs.</summary>
    public IReadOnlyList<string> Names { get; } =
        named is [] ? [] : [NamedOutput.Own, .. named.Select(one => one.Name)];

    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="outputs"><c>[N, C, …]</c>, the network's own first.</param>
    /// <param name="labels"><c>[N, …]</c> of its size.</param>
    /// <param name="groups">What the labels of each sample distinguish; empty if all distinguish every class.</param>
    /// <returns>All together, and each output's before it is weighted.</returns>
    public (Tensor Total, Tensor[] Each) Of(
        IReadOnlyList<Tensor> outputs,
        Tensor labels,
        IReadOnlyList<LabelGroups?> groups
    )
    {
        if (groups is [])
            return Of(outputs, labels);
        // Samples of one kind of labels have a loss of their own, which counts as often as there are samples.
        var (total, each) = MarginalLoss
            .Parts(groups, labels.device)
            .Select(part =>
            {
                var share = (double)part.Samples.shape[0] / groups.Count;
                var (all, own) = Of(
                    [.. outputs.Select(output => output.index_select(0, part.Samples))],
                    labels.index_select(0, part.Samples),
                    part.Groups
                );
                return (Total: share * all, Each: own.Select(one => share * one).ToArray());
            })
            .Aggregate((a, b) => (a.Total + b.Total, [.. a.Each.Zip(b.Each, (x, y) => x + y)]));
        return (total, each);
    }

    /// <summary>The loss of samples whose labels distinguish the same classes.</summary>
    /// <param name="outputs"><c>[N, C, …]</c>, the network's own first.</param>
    /// <param name="labels"><c>[N, …]</c> of its size.</param>
    /// <param name="groups">What they distinguish; null for every class.</param>
    /// <returns>All together, and each output's before it is weighted.</returns>
    public (Tensor Total, Tensor[] Each) Of(
        IReadOnlyList<Tensor> outputs,
        Tensor labels,
        LabelGroups? groups = null
    )
    {
        var (mean, weights) = (own(outputs[0], labels, groups), 1.0);
        List<Tensor> each = [mean];
        Tensor? others = null;
        foreach (var (one, output) in named.Zip(outputs.Skip(1)))
        {
            var steps = Subsampling.Steps(labels, output);
            if (one.Target.IsLabels)
            {
                var loss = one.Loss(output, Subsampling.Of(labels, steps), groups);
                var weight = one.Weight ?? 1.0 / steps.Max();
                mean += weight * loss;
                weights += weight;
                each.Add(loss);
            }
            else
            {
                var loss = one.Loss(output, labels, groups);
                var weighted = (one.Weight ?? OtherWeight) * loss;
                others = others is null ? weighted : others + weighted;
                each.Add(loss);
            }
        }
        mean /= weights;
        return (others is null ? mean : mean + others, [.. each]);
    }

    private static NamedLoss Of(NamedOutput output, Recipe recipe, ModelSpacing spacing)
    {
        var given = recipe.Outputs?.Of(output.Name);
        ProblemException Unfit(string target, string losses) =>
            new(
                ExitCode.Usage,
                $"outputs={output.Name}",
                $"the output '{output.Name}' is compared with {target}, which this loss is not for",
                $"Use {losses}"
            );
        OutputLoss loss = (output.Target, given?.Loss) switch
        {
            ({ IsLabels: true }, null) => Loss.Of(recipe.Loss),
            ({ IsLabels: true }, LossKind kind) => Loss.Of(kind),
            ({ IsLabels: true }, _) => throw Unfit("the labels", "a loss such as dice-ce"),
            ({ IsSignedDistance: true }, null) => DistanceLoss.Of(
                DistanceLossKind.SmoothL1,
                spacing
            ),
            ({ IsSignedDistance: true }, DistanceLossKind kind) => DistanceLoss.Of(kind, spacing),
            ({ IsSignedDistance: true }, _) => throw Unfit(
                "signed distances",
                "smooth-l1, l1 or mse"
            ),
            (_, null or LossKind.Ce) => PresenceLoss.Of,
            _ => throw Unfit("the presence of labels", "ce"),
        };
        return new(output.Name, output.Target, loss, given?.Weight);
    }
}

/// <summary>The loss of a named output.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Target">What it is compared with.</param>
/// <param name="Loss">Against labels, these are of the output's size.</param>
/// <param name="Weight">Null for the default.</param>
internal sealed record NamedLoss(string Name, OutputTarget Target, OutputLoss Loss, double? Weight);
