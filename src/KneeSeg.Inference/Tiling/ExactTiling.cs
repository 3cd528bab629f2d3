using KneeSeg.Data;
using KneeSeg.Dsl;

namespace KneeSeg.Inference;

/// <summary>
/// Tiles that answer together as the network does for the whole volume at once: each sees as far beyond itself as the
/// network looks. What a network is told of its place is then that of the whole: the middle.
/// </summary>
internal static class ExactTiling
{
    /// <summary>The plan with the least to compute whose largest tile fits into memory.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="patch">What it was trained on.</param>
    /// <param name="volume">What to cover.</param>
    /// <param name="numberBytes">Bytes of a number in a map.</param>
    /// <param name="memory">Bytes that a tile may take.</param>
    /// <exception cref="ProblemException">
    /// The network looks at the whole, so that no tile is wide enough (exit 4); or the smallest tile takes more memory
    /// (exit 6).
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
                $"{margin.Reason}, so that no tile of an image is answered as in the whole",
                "Predict without --exact"
            );
        var plans = (
            from depth in patch.Kind == PatchKind.Volume
                ? Axis(volume.Depth, 0)
                : [AxisTiles.EachVoxel(volume.Depth, patch.Size.Depth)]
            from height in Axis(volume.Height, graph.Axes - 2)
            from width in Axis(volume.Width, graph.Axes - 1)
            select new WindowPlan(depth, height, width)
        )
            .OrderBy(plan => plan.VoxelsSeen)
            .ToArray();
        var least = plans.MinBy(plan => plan.Largest.Count)!;
        return Taken(least) <= memory
            ? plans.First(plan => Taken(plan) <= memory)
            : throw new ProblemException(
                ExitCode.Resources,
                $"{graph.Name}, tiles of {least.Largest}",
                $"take about {ByteSize.Of(Taken(least))} at the least, and {ByteSize.Of(memory)} are there",
                "Predict without --exact, or with more memory"
            );

        // From one tile to as many as there can be; more of them are of use only if they are smaller.
        AxisTiles[] Axis(int size, int axis)
        {
            AxisMargins needs = new(graph.Multiple[axis], margin.Before[axis], margin.After[axis]);
            var steps = needs.Whole(size) / needs.Multiple;
            return
            [
                .. Enumerable
                    .Range(1, steps)
                    .Select(parts => (steps + parts - 1) / parts * needs.Multiple)
                    .Distinct()
                    .Select(core => AxisTiles.Exact(size, needs, core))
                    .DistinctBy(tiles => tiles.Longest),
            ];
        }

        long Taken(WindowPlan plan) =>
            WindowMemoryEstimate.Of(graph, patch, plan, volume, numberBytes);
    }
}
