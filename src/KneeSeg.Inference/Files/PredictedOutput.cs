using KneeSeg.Data.Datasets;
using KneeSeg.Dsl;
using KneeSeg.Runs;

namespace KneeSeg.Inference.Files;

/// <summary>A named output as it is predicted: maps on the image's grid, or numbers of the whole image.</summary>
/// <param name="Output">The network's output.</param>
/// <param name="Parts">The labels that its maps or numbers are of, one each; a single empty one for everything labeled.</param>
internal sealed record PredictedOutput(NamedOutput Output, IReadOnlyList<string> Parts)
{
    /// <summary>Whether it has numbers, not maps.</summary>
    public bool IsVector => Output.Target.IsPresence;

    /// <summary>How many maps it has.</summary>
    public int Maps => IsVector ? 0 : Parts.Count;

    /// <summary>A network's output by its name.</summary>
    /// <exception cref="ProblemException">The network has no such output (exit 2).</exception>
    public static PredictedOutput Of(Graph graph, string name, LabelSchema profile)
    {
        var output = NamedOutputs.Find(
            graph,
            name,
            $"--output {name}",
            "Omit it, or train a network with named outputs"
        );
        var channels = graph.Nodes[output.Node].Shape.Channels;
        var isWhole = channels == 1 || (output.Target.IsPresence && channels == 2);
        return new(output, isWhole ? [""] : [.. profile.Labels.Skip(1)]);
    }
}
