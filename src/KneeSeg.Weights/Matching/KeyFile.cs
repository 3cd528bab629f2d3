using System.Text;

namespace KneeSeg.Weights.Matching;

/// <summary>
/// A match of layers as a text that people check and correct: a line for each layer of the network, such as
/// <c>level1.encode.conv1 = encoder.0.conv</c>. What follows a # is a comment.
/// </summary>
public static class KeyFile
{
    private const string Comment = "  # ";

    /// <summary>A match as the file's text.</summary>
    public static string Write(ModuleMatch match)
    {
        var width = match.Pairs.Select(pair => pair.Own.Name.Length).DefaultIfEmpty().Max();
        var text = new StringBuilder();
        foreach (var (own, theirs) in match.Pairs)
            text.AppendLine($"{own.Name.PadRight(width)} = {theirs.Name}{Comment}{theirs.Form}");
        foreach (var line in match.Differences)
            text.AppendLine($"# {line}");
        return text.ToString();
    }

    /// <summary>Reads a match.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network's layers.</param>
    /// <param name="file">The weights.</param>
    /// <exception cref="ProblemException">A line can't be read, or names an unknown layer (exit 2).</exception>
    public static ModuleMatch Read(
        string path,
        IReadOnlyList<WeightModule> network,
        WeightsFile file
    )
    {
        var own = network.ToDictionary(module => module.Name);
        var theirs = WeightModule
            .Of(file.Tensors.Select(pair => (pair.Key, pair.Value.Shape)))
            .ToDictionary(module => module.Name);
        var pairs = new OrderedDictionary<string, (WeightModule Own, WeightModule Theirs)>();
        foreach (var (index, line) in File.ReadAllLines(path).Index())
        {
            var where = $"{path}, line {index + 1}";
            var words = line.Split('#')[0].Split('=', StringSplitOptions.TrimEntries);
            if (words is [""])
                continue;
            if (words is not [var left, var right])
                throw Wrong(
                    where,
                    "is not LAYER = LAYER",
                    "Write the network's layer before the =, the file's behind"
                );
            var pair = (Known(own, left, where), Known(theirs, right, where));
            if (!pairs.TryAdd(left, pair))
                throw Wrong(where, $"{left} has a layer already", "Remove one of the two lines");
        }
        return new(
            Path.GetFileName(path),
            [.. pairs.Values],
            [
                .. pairs
                    .Values.Where(pair => !pair.Own.Takes(pair.Theirs))
                    .Select(pair =>
                        $"{pair.Own.Name} has {pair.Own.Form}, {pair.Theirs.Name} has {pair.Theirs.Form}"
                    ),
                .. own.Keys.Except(pairs.Keys).Select(name => $"{name} has no line"),
            ],
            [.. theirs.Keys.Except(pairs.Values.Select(pair => pair.Theirs.Name))]
        );
    }

    private static WeightModule Known(
        Dictionary<string, WeightModule> modules,
        string name,
        string where
    ) =>
        modules.GetValueOrDefault(name)
        ?? throw Wrong(
            where,
            $"there is no layer {name}",
            Suggestion.DidYouMean(modules.Keys, name).TrimEnd('.')
        );

    private static ProblemException Wrong(string where, string what, string fix) =>
        new(ExitCode.Usage, where, what, fix);
}
