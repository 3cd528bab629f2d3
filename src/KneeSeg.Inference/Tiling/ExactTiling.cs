using KneeSeg.Data;
using KneeSeg.Data.Patches;
using KneeSeg.Dsl;

namespace KneeSeg.Inference.Tiling;

/// <summary>
/// Tiling whose output equals that for the whole volume at once: each tile has the network's receptive field as context.
/// The patch position is that of the whole volume, the center.
/// </summary>
internal static class ExactTiling
{
    /// <summary>The cheapest plan whose largest tile fits into memory.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="patch">The model input.</param>
    /// <param name="volume">The volume's size.</param>
    /// <param name="numberBytes">Bytes per feature map element.</param>
    /// <param name="memory">The memory limit of a tile in bytes.</param>
    /// <exception cref="ProblemException">
    /// The network's receptive field is the whole image, so that no tile is large enough (exit 4); or the smallest tile margins
    /// more memory (exit 6).
    /// </exception>
    public static WindowPlan For(
        Graph graph,
        ModelInput patch,
        ModelSize volume,
        int numberBytes,
        long memory
    )
    {
        var margin = Networks.TileMargin(graph);
        if (margin.GlobalStage != "")
            throw new ProblemException(
                ExitCode.Spec,
                $"{graph.Name}/{margin.GlobalStage}",
                $"{margin.Reason}, so exact tiling is impossible",
                "Predict without --exact"
            );
        var plans = (
            from depth in patch.Kind == PatchKind.Volume
                ? Axis(volume.Depth, 0)
                : [AxisTiles.PerSlice(volume.Depth, patch.Size.Depth)]
            from height in Axis(volume.Height, graph.Axes - 2)
            from width in Axis(volume.Width, graph.Axes - 1)
            select new WindowPlan(depth, height, width)
        )
            .OrderBy(plan => plan.InputVoxels)
            .ToArray();
        var least = plans.MinBy(plan => plan.Largest.Count)!;
        return BytesOf(least) <= memory
            ? plans.First(plan => BytesOf(plan) <= memory)
            : throw new ProblemException(
                ExitCode.Resources,
                $"{graph.Name}, tiles of {least.Largest}",
                $"need at least about {ByteSize.Of(BytesOf(least))}, but only {ByteSize.Of(memory)} are free",
                "Predict without --exact, or with more memory"
            );

        // All tile counts that give a different tile size.
        AxisTiles[] Axis(int size, int axis)
        {
            AxisMargins margins = new(
                graph.Multiple[axis],
                margin.Before[axis],
                margin.After[axis]
            );
            var steps = margins.Whole(size) / margins.Multiple;
            return
            [
                .. Enumerable
                    .Range(1, steps)
                    .Select(parts => (steps + parts - 1) / parts * margins.Multiple)
                    .Distinct()
                    .Select(core => AxisTiles.Exact(size, margins, core))
                    .DistinctBy(tiles => tiles.Longest),
            ];
        }

        long BytesOf(WindowPlan plan) => plan.BytesFor(graph, patch, numberBytes);
    }
}
