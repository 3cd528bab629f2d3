using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Inference;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>The patch that a network is trained on: the recipe's, or one that fits network and knees.</summary>
internal static class PatchChoice
{
    // As much context as two cores digest in a few seconds; a slice network sees two neighbors on each side.
    private static readonly ModelSize MostVolume = new(64, 96, 96);
    private static readonly ModelSize MostSlice = new(1, 288, 288);
    private static readonly ModelSize MostSlab = new(5, 160, 160);

    /// <summary>Chooses, and checks against the network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="recipe">Its patch may be empty.</param>
    /// <param name="volume">A typical prepared volume.</param>
    /// <exception cref="ProblemException">The recipe's patch is no size of the network's rank (exit 2).</exception>
    /// <exception cref="SpecException">The network can't take it, or not in batches of the recipe's (exit 4).</exception>
    public static ModelInput For(Graph graph, Recipe recipe, ModelSize volume)
    {
        var size = recipe.Patch is "" ? Fitting(graph, volume) : Parse(recipe.Patch, graph);
        Networks.CheckBatch(graph, size, recipe.BatchSize);
        return ModelInput.Of(graph, size);
    }

    /// <summary>Reads and checks the recipe's patch, as far as that goes without data.</summary>
    public static void Check(Graph graph, Recipe recipe)
    {
        if (recipe.Patch is not "")
            Networks.CheckBatch(graph, Parse(recipe.Patch, graph), recipe.BatchSize);
    }

    private static int[] Parse(string patch, Graph graph)
    {
        var parts = patch.Split('x');
        var size = parts.Select(part => int.TryParse(part, out var n) && n > 0 ? n : 0).ToArray();
        return size.Length == graph.Axes && !size.Contains(0)
            ? size
            : throw new ProblemException(
                ExitCode.Usage,
                $"--patch {patch}",
                $"is no size for a network of {graph.Axes} axes",
                graph.Axes == 3
                    ? "Write depth, height and width, such as 48x96x96"
                    : "Write height and width, such as 96x96"
            );
    }

    private static int[] Fitting(Graph graph, ModelSize volume)
    {
        var kind = ModelInput.Of(graph, new int[graph.Axes]).Kind;
        var most = kind switch
        {
            PatchKind.Slice => MostSlice,
            PatchKind.Slab => MostSlab,
            _ => MostVolume,
        };
        int[] wanted =
        [
            kind == PatchKind.Slab ? most.Depth : Math.Min(most.Depth, volume.Depth),
            Math.Min(most.Height, volume.Height),
            Math.Min(most.Width, volume.Width),
        ];
        return
        [
            .. wanted[^graph.Axes..]
                .Zip(graph.Multiple, (size, multiple) => Math.Max(1, size / multiple) * multiple),
        ];
    }
}
