using System.Globalization;
using KneeSeg.Data.Augmenting;
using static System.FormattableString;

namespace KneeSeg.Experiments.Planning;

/// <summary>The decisions behind the best candidate, from the same numbers that ranked it.</summary>
internal static class Decisions
{
    private const int Alternatives = 2;

    /// <summary>Whether voxels are so coarse that a transformed patch no longer shows thin structures exactly.</summary>
    public static AugmentationPreset Augmentation(PlannedData data) =>
        ThinnestVoxels(data) < Expectation.VoxelsAcross
            ? AugmentationPreset.Light
            : AugmentationPreset.Default;

    /// <summary>Lists them.</summary>
    /// <param name="data">The data.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="planner">What ranked the candidates.</param>
    /// <param name="best">The best candidate, as it is trained.</param>
    /// <param name="ranked">All candidates within the limits, the best first.</param>
    public static IReadOnlyList<Decision> Of(
        PlannedData data,
        PlanLimits limits,
        Planner planner,
        Candidate best,
        IReadOnlyList<Candidate> ranked
    )
    {
        return
        [
            new(
                "spacing",
                Mm(best.Spacing),
                Spacing(data, planner, best),
                Next(one => Mm(one.Spacing))
            ),
            Ranked(
                "blocks",
                one => one.Choice.Block.ToString().ToLowerInvariant(),
                "their loss in steps and the gain that is known of them, together"
            ),
            Ranked(
                "first level",
                one => one.Choice.IsCoarse ? "a decoder only" : "encoder and decoder",
                best.Choice.IsCoarse
                    ? "feature maps of the full resolution take most of the time; without an encoder there, the steps and context gained outweigh the detail lost"
                    : "without its encoder, more detail would be lost than steps and context gained"
            ),
            Ranked(
                "width",
                one => Invariant($"{one.Choice.Width}"),
                $"{Lost(best.Expected.Capacity)} by its width against {Lost(best.Expected.Steps)} by the steps that it leaves time for"
            ),
            new(
                "kernels and steps",
                string.Join(
                    ", ",
                    best.Plan.Levels.Select(level =>
                        $"{Size(level.Kernel)} by {Size(level.Stride)}"
                    )
                ) + $", {Size(best.Plan.Kernel)}",
                $"axes whose voxels are twice as long as the shortest or more are left alone, from {Mm(best.Spacing)} on",
                ""
            ),
            new(
                "resolutions",
                Invariant($"{best.Plan.Levels.Length + 1}"),
                "as many as it takes for the receptive field to span the patch, while maps keep four voxels",
                ""
            ),
            new(
                "deep supervision",
                best.Plan.DeepSupervision ? "yes" : "no",
                "from five resolutions on",
                ""
            ),
            Ranked(
                "patch",
                one => $"{one.PatchSize}",
                $"it shows {Coverage(best)} of the median image: {Lost(best.Expected.Context)} by context, {Lost(best.Expected.Overfitting)} by overfitting, {Lost(best.Expected.Steps)} by steps"
            ),
            Ranked(
                "batch size",
                one => Invariant($"{one.Batch}"),
                "a larger batch counts as its square root in steps, and takes the time of all its patches"
            ),
            new(
                "steps",
                Invariant($"{best.Schedule.Steps} in {best.Schedule.Epochs} epochs"),
                Invariant(
                    $"{best.StepSeconds:0.00} s each, {DurationText.Of(TimeSpan.FromSeconds(best.Seconds))} of {DurationText.Of(limits.Time)} with validation"
                ),
                ""
            ),
            new(
                "validation",
                Invariant($"every {best.Schedule.ValidateEvery} epochs"),
                Invariant(
                    $"{best.Schedule.Validations} times {best.ValidationSeconds:0.0} s; at most ten, in at most a tenth of the time"
                ),
                ""
            ),
            new(
                "augmentation",
                Augmentation(data).ToString().ToLowerInvariant(),
                Invariant(
                    $"the thinnest structure is {ThinnestVoxels(data):0.0} voxels across; below {Expectation.VoxelsAcross}, a transformed patch no longer shows it exactly"
                ),
                ""
            ),
        ];

        Decision Ranked(string what, Func<Candidate, string> of, string why) =>
            new(what, of(best), why, Next(of));

        // The best candidates that differ in this.
        string Next(Func<Candidate, string> of) =>
            string.Join(
                ", ",
                ranked
                    .Where(one => of(one) != of(best))
                    .DistinctBy(of)
                    .Take(Alternatives)
                    .Select(one => $"{of(one)} ({Lost(one.Expected.Total)} in all)")
            );
    }

    /// <summary>A loss in Dice, as people read it.</summary>
    public static string Lost(double dice) => Invariant($"−{dice:0.000}");

    private static string Spacing(PlannedData data, Planner planner, Candidate best)
    {
        var thin = Enumerable
            .Range(0, 3)
            .Where(axis => data.Thinnest[axis] is not null)
            .OrderBy(axis => data.Thinnest[axis]!.Millimeters / best.Spacing[axis])
            .ToArray();
        var structure = thin is [var axis, ..]
            ? Invariant(
                $"; {data.Thinnest[axis]!.Name}, {data.Thinnest[axis]!.Millimeters:0.0} mm thin, has {data.Thinnest[axis]!.Millimeters / best.Spacing[axis]:0.0} voxels across {AxisNames[axis]}"
            )
            : "";
        return (
                !best.Spacing.SequenceEqual(planner.FullSpacing)
                    ? $"coarser than {Mm(planner.FullSpacing)} of the data: thin structures keep {Expectation.VoxelsAcross} voxels, and patches show more"
                : planner.FullSpacing.SequenceEqual(data.MedianSpacing)
                    ? "the median of the training images"
                : $"finer than the median {Mm(data.MedianSpacing)}, for thin structures; a tenth of the images are as fine"
            ) + structure;
    }

    private static readonly string[] AxisNames = ["depth", "height", "width"];

    private static double ThinnestVoxels(PlannedData data) =>
        data.Thinnest.Zip(data.MedianSpacing, (thin, mm) => thin?.Millimeters / mm).Min()
        ?? double.PositiveInfinity;

    private static string Coverage(Candidate one) =>
        string.Join(
            " × ",
            one.Network.Coverage.Select(share => Invariant($"{Math.Min(1, share):0%}"))
        );

    private static string Size(int[] lengths) => string.Join('x', lengths);

    private static string Mm(double[] spacing) =>
        string.Join('×', spacing.Select(mm => mm.ToString("0.###", CultureInfo.InvariantCulture)))
        + " mm";
}
