using System.Globalization;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Fingerprints;
using static System.FormattableString;

namespace KneeSeg.Experiments.Planning;

/// <summary>The page of a plan, in Markdown.</summary>
internal static class PlanPage
{
    private const int Shown = 10;

    /// <summary>Writes it.</summary>
    public static string Of(FinishedPlan plan)
    {
        var best = plan.Best;
        return string.Join(
                "\n\n",
                $"# A plan for {plan.Data.Fingerprint.Name}",
                Invariant(
                    $"{Calibration.Words(best.Choice)}; patches of {best.PatchSize}, {best.Batch} a step, {best.Schedule.Steps} steps. Training takes about {DurationText.Of(TimeSpan.FromSeconds(best.Seconds))} of {DurationText.Of(plan.Limits.Time)} and {ByteSize.Of(best.Memory)} of {ByteSize.Of(plan.Limits.Memory)}; predicting the largest image takes {ByteSize.Of(best.PredictMemory)}{Limit(plan)}."
                ),
                "Train it, or edit `network.fsx` and `recipe.json` first:",
                "```\nkneeseg train PLAN --data DATA --run RUN\n```",
                "## Decisions",
                Table(
                    ["", "chosen", "because", "next best"],
                    plan.Decisions.Select(one =>
                        (string[])[one.What, one.Chosen, one.Why, one.Next]
                    )
                ),
                "Losses are in Dice, by a rule of thumb that ranks candidates and predicts no score.",
                "## Candidates",
                Invariant(
                    $"The first of {plan.Ranked.Count} within the limits, each of them the best one of its blocks, first level and width."
                ),
                Table(
                    [
                        "network",
                        "patch",
                        "batch",
                        "seconds a step",
                        "steps",
                        "memory",
                        "steps",
                        "context",
                        "overfitting",
                        "capacity",
                        "detail",
                        "in all",
                    ],
                    plan.Ranked.DistinctBy(one => one.Choice)
                        .Take(Shown)
                        .Select(one =>
                            (string[])
                                [
                                    Calibration.Words(one.Choice),
                                    $"{one.PatchSize}",
                                    Invariant($"{one.Batch}"),
                                    Invariant($"{one.StepSeconds:0.00}"),
                                    Invariant($"{one.Schedule.Steps}"),
                                    ByteSize.Of(one.Memory),
                                    .. new[]
                                    {
                                        one.Expected.Steps,
                                        one.Expected.Context,
                                        one.Expected.Overfitting,
                                        one.Expected.Capacity,
                                        one.Expected.Detail,
                                        one.Expected.Total,
                                    }.Select(Decisions.Lost),
                                ]
                        )
                ),
                "## Time",
                Time(plan),
                "## Data",
                Data(plan.Data.Fingerprint)
            ) + "\n";
    }

    private static string Limit(FinishedPlan plan) =>
        plan.Limits.PredictMemory is { } bytes ? $" of {ByteSize.Of(bytes)}" : "";

    private static string Time(FinishedPlan plan)
    {
        var model = plan.Calibration.Model;
        var check = plan.MeasuredStep is { } measured
            ? Invariant(
                $"The chosen network was estimated at {plan.Estimated.StepSeconds:0.000} s and measured at {measured:0.000} s, which the plan uses."
            )
            : Invariant(
                $"The chosen network was estimated at {plan.Estimated.StepSeconds:0.000} s; it is too slow to be measured for a plan."
            );
        return string.Join(
            "\n\n",
            Invariant(
                $"Steps of {plan.Calibration.Steps.Count} networks were timed on this machine, with {plan.Threads} threads and feature maps in {(plan.ElementBytes == 2 ? "bfloat16" : "float32")}. A price for each kind of work, fitted to them, gives the seconds of a step to within ±{model.Error:0%} (twice the standard deviation of the errors below). {check}"
            ),
            Table(
                ["measured", "seconds", "estimate", "error"],
                plan.Calibration.Steps.Select(step =>
                    (string[])
                        [
                            step.Name,
                            Invariant($"{step.Seconds:0.000}"),
                            Invariant($"{model.Seconds(step.Work):0.000}"),
                            Invariant(
                                $"{Math.Round(model.Seconds(step.Work) / step.Seconds - 1, 2):+0%;−0%;0%}"
                            ),
                        ]
                )
            ),
            Table(
                ["kind of work", "price in seconds", "of the chosen network's step"],
                StepWork
                    .Kinds.Zip(model.Prices)
                    .Zip(
                        StepWork
                            .Of(
                                plan.Best.Graph,
                                plan.Best.Patch,
                                plan.Best.Batch,
                                plan.ElementBytes
                            )
                            .Amounts,
                        (kind, amount) =>
                            (string[])
                                [
                                    kind.First,
                                    kind.Second.ToString("0.0e+0", CultureInfo.InvariantCulture),
                                    Invariant(
                                        $"{kind.Second * amount / plan.Estimated.StepSeconds:0%}"
                                    ),
                                ]
                    )
            )
        );
    }

    private static string Data(DatasetFingerprint data)
    {
        var cases = data.Cases;
        CaseFingerprint[] read = [.. cases.Where(one => one.Channels.Count > 0)];
        string Axis(Func<CaseFingerprint, double> of) => Range(cases.Select(of), "0.###");
        return string.Join(
            "\n\n",
            Invariant(
                $"{cases.Count} cases of {cases.DistinctBy(one => one.Subject).Count()} subjects: {data.In(Split.Train).Count()} for training, {data.In(Split.Validation).Count()} for validation, {data.In(Split.Test).Count()} for testing, of which only the headers were read. Files are stored as {string.Join(", ", cases.Select(one => one.Orientation).Distinct())}; below, depth runs across sagittal slices. Ranges are lowest, median, highest."
            ),
            Table(
                ["", "depth", "height", "width"],
                [
                    [
                        "voxels",
                        Axis(one => one.Size.Depth),
                        Axis(one => one.Size.Height),
                        Axis(one => one.Size.Width),
                    ],
                    [
                        "spacing in mm",
                        Axis(one => one.Spacing.Depth),
                        Axis(one => one.Spacing.Height),
                        Axis(one => one.Spacing.Width),
                    ],
                ]
            ),
            Table(
                ["channel", "percentile 0.5", "median", "percentile 99.5"],
                Enumerable
                    .Range(0, read[0].Channels.Count)
                    .Select(i =>
                        (string[])
                            [
                                data.Channels.ElementAtOrDefault(i) ?? "image",
                                Range(read.Select(one => one.Channels[i].Low), "0.#"),
                                Range(read.Select(one => one.Channels[i].Median), "0.#"),
                                Range(read.Select(one => one.Channels[i].High), "0.#"),
                            ]
                    )
            ),
            Table(
                [
                    "structure",
                    "cases",
                    "share of voxels",
                    "voxels",
                    "thickness in mm",
                    "voxels across depth, height, width",
                    "median intensity",
                ],
                data.Labels.Skip(1).Select(name => Structure(name, read))
            ),
            "Thickness is the median over a structure's voxels of the shortest run of voxels through them along an axis; voxels across an axis are those of voxels that are thinnest along it."
        );
    }

    private static string[] Structure(string name, CaseFingerprint[] cases)
    {
        (CaseFingerprint Case, StructureFingerprint Structure)[] found =
        [
            .. cases.SelectMany(one =>
                one.Structures.Where(structure => structure.Name == name)
                    .Select(structure => (one, structure))
            ),
        ];
        return found is []
            ? [name, "0", "", "", "", "", ""]
            :
            [
                name,
                Invariant($"{found.Length}"),
                Invariant(
                    $"{PlannedData.Median(found.Select(one => (double)one.Structure.Voxels / one.Case.Size.Count)):0.00%}"
                ),
                Range(found.Select(one => (double)one.Structure.Voxels), "0"),
                Range(found.Select(one => one.Structure.Thickness), "0.0"),
                string.Join(
                    ", ",
                    Enumerable
                        .Range(0, 3)
                        .Select(axis =>
                            found.Select(one => one.Structure.Across[axis]).OfType<double>()
                                is var across
                            && across.Any()
                                ? Invariant($"{PlannedData.Median(across):0.#}")
                                : "–"
                        )
                ),
                found[0].Structure.Channels is []
                    ? ""
                    : Invariant(
                        $"{PlannedData.Median(found.Select(one => one.Structure.Channels[0].Median)):0.#}"
                    ),
            ];
    }

    private static string Range(IEnumerable<double> values, string format)
    {
        double[] all = [.. values];
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return all.Min() == all.Max()
            ? Text(all[0])
            : $"{Text(all.Min())}, {Text(PlannedData.Median(all))}, {Text(all.Max())}";
    }

    private static string Table(IReadOnlyList<string> head, IEnumerable<string[]> rows) =>
        string.Join(
            '\n',
            [Line(head), Line(head.Select(_ => "---")), .. rows.Select(row => Line(row))]
        );

    private static string Line(IEnumerable<string> cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |";
}
