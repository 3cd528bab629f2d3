namespace KneeSeg.Weights.Matching;

/// <summary>Which layers of a file have the weights of which layers of a network.</summary>
/// <param name="By">What they were matched by, such as the names of nnU-Net; null for a proposal by order and shape.</param>
/// <param name="Pairs">The layers of the network with those of the file.</param>
/// <param name="Differences">What does not fit, a line each.</param>
/// <param name="Unused">The names of layers that predicting does not need.</param>
public sealed record ModuleMatch(
    string? By,
    IReadOnlyList<(WeightModule Own, WeightModule Theirs)> Pairs,
    IReadOnlyList<string> Differences,
    IReadOnlyList<string> Unused
)
{
    // A network has a few hundred layers; the table of all pairs grows with the square.
    private const int MostLayers = 5_000;

    /// <summary>Matches by the names of a known program, or else proposes a match by order and shape.</summary>
    /// <param name="network">The network's layers in the order in which they run.</param>
    /// <param name="heads">Those of deep supervision, likewise.</param>
    /// <param name="file">The weights.</param>
    /// <exception cref="ProblemException">Copies of a layer differ (exit 5).</exception>
    public static ModuleMatch Of(
        IReadOnlyList<WeightModule> network,
        IReadOnlyList<WeightModule> heads,
        WeightsFile file
    )
    {
        var modules = WeightModule.Of(file.Tensors.Select(pair => (pair.Key, pair.Value.Shape)));
        if (modules.Count > MostLayers)
            throw Refused(file, $"has {modules.Count} layers, more than any network");
        var names = modules.Select(module => module.Name).ToHashSet();
        WeightModule[] all = [.. network, .. heads];
        if (all.All(own => names.Contains(own.Name)))
            return Paired("its own names", Alignment.Of(Sorted(all), Sorted(modules)), []);
        var rule = NameRules.All.FirstOrDefault(rule => modules.Any(rule.Recognizes));
        return rule is null
            ? Proposed(all, WithoutTied(modules, file))
            : Named(rule, network, heads, modules, file);
    }

    private static ModuleMatch Named(
        NameRule rule,
        IReadOnlyList<WeightModule> network,
        IReadOnlyList<WeightModule> heads,
        IReadOnlyList<WeightModule> modules,
        WeightsFile file
    )
    {
        var needed = modules.Where(module => !rule.IsUnused(module)).ToArray();
        var once = WithoutCopies(rule, needed, file);
        var theirHeads = rule.Ordered(once.Where(rule.IsHead), late: false);
        if (rule.LastHeadIsOutput)
            theirHeads = [.. theirHeads.SkipLast(1)];
        var main = once.Except(theirHeads).ToArray();
        var early = Alignment.Of(network, rule.Ordered(main, late: false));
        var late = Alignment.Of(network, rule.Ordered(main, late: true));
        var best = late.Pairs.Count > early.Pairs.Count ? late : early;
        // Branches of equal layers fit in either order, and only a person knows which.
        var isUnclear =
            late.Pairs.Count == early.Pairs.Count && !late.Pairs.SequenceEqual(early.Pairs);
        var unused = modules.Except(needed).Select(module => module.Name);
        if (heads is [])
            unused = unused.Concat(theirHeads.Select(module => module.Name));
        else
        {
            // Some programs list the coarsest first, some the finest.
            var forward = Alignment.Of(heads, theirHeads);
            var backward = Alignment.Of(heads, [.. theirHeads.Reverse()]);
            best = best.With(backward.Pairs.Count > forward.Pairs.Count ? backward : forward);
        }
        return Paired(isUnclear ? null : $"the names of {rule.Program}", best, [.. unused]);
    }

    // In the order of the file; what is left is matched by shape alone.
    private static ModuleMatch Proposed(
        IReadOnlyList<WeightModule> network,
        IReadOnlyList<WeightModule> modules
    )
    {
        var inOrder = Alignment.Of(network, modules);
        var left = inOrder.Left.Concat(inOrder.Differing.Select(pair => pair.Theirs)).ToList();
        var pairs = inOrder.Pairs.ToList();
        var missing = new List<WeightModule>();
        foreach (var own in network.Except(pairs.Select(pair => pair.Own)))
            if (left.Find(own.Takes) is { } theirs && left.Remove(theirs))
                pairs.Add((own, theirs));
            else
                missing.Add(own);
        return Paired(null, new(pairs, [], missing, left), []);
    }

    private static ModuleMatch Paired(
        string? by,
        Alignment alignment,
        IReadOnlyList<string> unused
    ) =>
        new(
            by,
            alignment.Pairs,
            [
                .. alignment.Differing.Select(pair =>
                    $"{pair.Own.Name} has {pair.Own.Form}; in its place, {pair.Theirs.Name} has {pair.Theirs.Form}"
                ),
                .. alignment.Missing.Select(own => $"{own.Name} is missing: {own.Form}"),
                .. alignment.Left.Select(theirs => $"{theirs.Name} is left over: {theirs.Form}"),
            ],
            unused
        );

    private static IReadOnlyList<WeightModule> Sorted(IEnumerable<WeightModule> modules) =>
        [.. modules.OrderBy(module => module.Name, StringComparer.Ordinal)];

    // A layer that several modules have is in the file under several names.
    private static IReadOnlyList<WeightModule> WithoutCopies(
        NameRule rule,
        IReadOnlyList<WeightModule> modules,
        WeightsFile file
    )
    {
        var once = new List<WeightModule>();
        foreach (var layer in modules.GroupBy(module => rule.FirstName(module.Name)))
        {
            var first = layer.FirstOrDefault(module => module.Name == layer.Key) ?? layer.First();
            once.Add(first);
            foreach (var copy in layer)
                if (!AreEqual(first, copy, file))
                    throw Refused(
                        file,
                        $"has the same layer as {first.Name} and as {copy.Name}, with different weights"
                    );
        }
        return once;
    }

    private static bool AreEqual(WeightModule first, WeightModule copy, WeightsFile file) =>
        first.Shapes.Keys.All(last =>
            file.Tensors.GetValueOrDefault(copy.TensorName(last)) is { } other
            && file.Tensors[first.TensorName(last)] is var tensor
            && (
                tensor.IsSameAs(other) || file.Read(tensor).AsSpan().SequenceEqual(file.Read(other))
            )
        );

    private static IReadOnlyList<WeightModule> WithoutTied(
        IReadOnlyList<WeightModule> modules,
        WeightsFile file
    )
    {
        WeightTensor First(WeightModule module) =>
            file.Tensors[module.TensorName(module.Shapes.Keys.First())];
        return
        [
            .. modules.Where(
                (module, i) =>
                    !modules.Take(i).Any(earlier => First(earlier).IsSameAs(First(module)))
            ),
        ];
    }

    private static ProblemException Refused(WeightsFile file, string what) =>
        new(
            ExitCode.Checkpoint,
            file.Path,
            what,
            "Save the state_dict() again where the network was trained"
        );
}
