using KneeSeg.Dsl;

namespace KneeSeg.Runs;

/// <summary>A network's outputs by the names that recipes and commands give.</summary>
public static class NamedOutputs
{
    /// <summary>The output of this name.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="name">The name.</param>
    /// <param name="where">Where the name was given.</param>
    /// <param name="withoutAny">What to do if the network has no named outputs.</param>
    /// <exception cref="ProblemException">The network has no such output; names those that it has (exit 2).</exception>
    public static NamedOutput Find(Graph graph, string name, string where, string withoutAny)
    {
        if (graph.NamedOutputs.FirstOrDefault(output => output.Name == name) is { } found)
            return found;
        string[] known = [.. graph.NamedOutputs.Select(output => output.Name)];
        throw new ProblemException(
            ExitCode.Usage,
            where,
            $"{graph.Name} has no output '{name}'",
            known is []
                ? withoutAny
                : $"{Suggestion.DidYouMean(known, name)} Its outputs are {string.Join(", ", known)}"
        );
    }
}
