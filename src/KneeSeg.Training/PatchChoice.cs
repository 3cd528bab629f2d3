using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>The training patch size: the recipe's, or a default that fits network and images.</summary>
internal static class PatchChoice
{
    // As much context as two cores process in a few seconds; slabs have two neighbors on each side.
    private static readonly ModelSize MostVolume = new(64, 96, 96);
    private static readonly ModelSize MostSlice = new(1, 288, 288);
    private static readonly ModelSize MostSlab = new(5, 160, 160);

    /// <summary>Chooses, and checks against the network.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="recipe">The recipe; its patch may be empty.</param>
    /// <param name="volume">A typical preprocessed volume.</param>
    /// <exception cref="ProblemException">The recipe's patch is invalid for the network's rank (exit 2).</exception>
    /// <exception cref="SpecException">The patch or batch does not fit the network (exit 4).</exception>
    public static ModelInput For(Graph graph, Recipe recipe, ModelSize volume)
    {
        var size = recipe.Patch is "" ? Fitting(graph, volume) : Parse(recipe.Patch, graph);
        Networks.CheckBatch(graph, size, recipe.BatchSize);
        return ModelInput.Of(graph, size);
    }

    /// <summary>Checks the recipe's patch, as far as possible without data.</summary>
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
                $"is not a size for a network with {graph.Axes} spatial axes",
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
        int[] target =
        [
            kind == PatchKind.Slab ? most.Depth : Math.Min(most.Depth, volume.Depth),
            Math.Min(most.Height, volume.Height),
            Math.Min(most.Width, volume.Width),
        ];
        return
        [
            .. target[^graph.Axes..]
                .Zip(graph.Multiple, (size, multiple) => Math.Max(1, size / multiple) * multiple),
        ];
    }
}
