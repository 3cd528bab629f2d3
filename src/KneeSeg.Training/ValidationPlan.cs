using KneeSeg.Data.Preprocessing;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>
/// What a validation predicts: all of every case or, where that would take more than the recipe's share of the training time,
/// the same few windows of each case every time. It depends on nothing but the cases and the recipe.
/// </summary>
/// <param name="Parts">Of each case, the windows; those of all of it if <paramref name="IsWhole"/>.</param>
/// <param name="IsWhole">Whether all of every case is predicted.</param>
internal sealed record ValidationPlan(IReadOnlyList<ValidationPart> Parts, bool IsWhole)
{
    // A step passes through the network forward and, which takes twice as long, backward.
    private const int PassesPerStep = 3;

    // A trial of a few steps is not worth an estimate.
    private const int FewSteps = 100;

    // The rest of the time is for pictures.
    private const double ShareOfWindows = 2.0 / 3;

    // Most windows show structures; the others show what is taken for them.
    private const int WindowsPerEmptyOne = 5;

    /// <summary>How many windows there are.</summary>
    public int Windows => Parts.Sum(part => part.Windows.Count);

    /// <summary>Plans the validations of a training.</summary>
    /// <param name="cases">The validation cases.</param>
    /// <param name="patch">The model input.</param>
    /// <param name="recipe">The recipe.</param>
    public static ValidationPlan Of(
        IReadOnlyList<PreprocessedCase> cases,
        ModelInput patch,
        Recipe recipe
    )
    {
        var whole = cases.Sum(one => (long)WindowPlan.Overlapping(patch, one.Size).Count);
        var most =
            recipe.ValidationShare
            * PassesPerStep
            * recipe.BatchSize
            * Math.Max(FewSteps, (long)recipe.StepsPerEpoch * recipe.ValidateEvery);
        if (recipe.ValidationShare == 1 || whole <= most)
            return new([.. cases.Select(one => new ValidationPart(one, []))], IsWhole: true);
        var each = (int)Math.Max(1, most * ShareOfWindows / cases.Count);
        return new(
            [
                .. cases.Select(
                    (one, i) => new ValidationPart(one, Chosen(one, patch, each, recipe.Seed, i))
                ),
            ],
            IsWhole: false
        );
    }

    private static Window[] Chosen(
        PreprocessedCase one,
        ModelInput patch,
        int count,
        long seed,
        int index
    )
    {
        var plan = WindowPlan.Overlapping(patch, one.Size, overlap: 0);
        var shows = Foreground(plan, one);
        var draw = SplitMix64.At(seed, index);
        // Drawn by lot, but kept in array order.
        var all = plan
            .Windows.Select((window, place) => (window, place, lot: draw.Next()))
            .OrderBy(one => one.lot)
            .ToLookup(one => shows[one.place]);
        var empty = Math.Min(count / WindowsPerEmptyOne, all[false].Count());
        var full = all[true].Take(count - empty).ToArray();
        return
        [
            .. full.Concat(all[false].Take(count - full.Length))
                .OrderBy(one => one.place)
                .Select(one => one.window),
        ];
    }

    // Which windows show a structure.
    private static bool[] Foreground(WindowPlan plan, PreprocessedCase one)
    {
        var (depths, heights, widths) = (Tiles(plan.Depth), Tiles(plan.Height), Tiles(plan.Width));
        var shows = new bool[plan.Count];
        foreach (var indices in one.ForegroundIndices)
        foreach (var voxel in indices.Span)
        {
            var (row, w) = Math.DivRem(voxel, plan.Width.Size);
            var (d, h) = Math.DivRem(row, plan.Height.Size);
            shows[
                (depths[d] * plan.Height.Tiles.Count + heights[h]) * plan.Width.Tiles.Count
                    + widths[w]
            ] = true;
        }
        return shows;
    }

    // Of each voxel along an axis, the first tile that predicts it.
    private static int[] Tiles(AxisTiles axis) =>
        [
            .. Enumerable
                .Range(0, axis.Size)
                .Select(voxel => axis.Tiles.Index().First(tile => tile.Item.Covers(voxel)).Index),
        ];
}

/// <summary>A part of a validation case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Windows">Side by side; none for all of the case.</param>
internal sealed record ValidationPart(PreprocessedCase Case, IReadOnlyList<Window> Windows);
