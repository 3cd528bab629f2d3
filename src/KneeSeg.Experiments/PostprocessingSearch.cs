using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Experiments;

/// <summary>
/// Selects postprocessing on the validation cases of a dataset: the anatomical rule if it raises the mean Dice, then for
/// each label the rule that raises its mean Dice most, if any does (after Isensee et al. 2021, who only try the largest
/// component).
/// </summary>
public static class PostprocessingSearch
{
    // Smaller gains are noise.
    private const double LeastGain = 0.001;

    /// <summary>Selects rules and writes them to <see cref="Postprocessing.FileName" /> in the run folder.</summary>
    /// <param name="predictor">The run's network, or the ensemble's.</param>
    /// <param name="folder">The run folder, which also gets the predictions of the validation cases.</param>
    /// <param name="data">The dataset that it was trained on, or several.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between windows without writing rules.</param>
    /// <returns>What was selected, with the result for each label in order.</returns>
    /// <exception cref="ProblemException">
    /// There is no labeled validation case or one cannot be read (exit 3), the label schema differs (exit 5), or the folder
    /// cannot be written (exit 6).
    /// </exception>
    public static SelectedPostprocessing Run(
        Predictor predictor,
        string folder,
        IReadOnlyList<string> data,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        var dataset = DatasetFolder.Open(data);
        DatasetCase[] cases =
        [
            .. dataset.In(Split.Validation).Where(one => one.Labels is not null),
        ];
        if (cases is [])
            throw new ProblemException(
                ExitCode.Data,
                string.Join(", ", data),
                "no labeled validation cases",
                "Assign some cases to the split \"validation\""
            );
        var predictions = Path.Combine(folder, "validation");
        var summary = PredictionJob.Run(
            predictor,
            [.. cases.Select(one => PredictionInput.Of(one, dataset))],
            predictions,
            progress,
            cancel
        );
        cancel.ThrowIfCancellationRequested();
        if (summary.Problems is [var problem, ..])
            throw problem;
        var selected = new Comparison(
            cases,
            predictions,
            predictor.Profile,
            dataset.Profile,
            progress
        ).Select();
        selected.Rules.Save(Path.Combine(folder, Postprocessing.FileName));
        return selected;
    }

    /// <summary>Compares rules on predictions of the validation cases.</summary>
    internal sealed class Comparison(
        DatasetCase[] cases,
        string predictions,
        LabelSchema profile,
        LabelSchema references,
        IProgressSink progress
    )
    {
        private readonly string[] labels = [.. profile.Labels.Skip(1)];
        private readonly FileWarnings warnings = new();

        /// <summary>Selects the rules that help.</summary>
        public SelectedPostprocessing Select()
        {
            // Label rules are compared on labels that are on their sides.
            var anatomy = Anatomy();
            var rules = Array.ConvertAll(labels, Candidates);
            // By label and rule: the Dice of each case that has the label.
            var dice = Array.ConvertAll(rules, some => Array.ConvertAll(some, _ => Empty()));
            ForEachCase(
                (prediction, reference, one) =>
                {
                    if (anatomy.IsSelected)
                        Postprocessing.AnatomyAlone.Apply(prediction, profile, one.Side);
                    for (var label = 0; label < labels.Length; label++)
                    for (var rule = 0; rule < rules[label].Length; rule++)
                    {
                        var changed = prediction with { Voxels = [.. prediction.Voxels] };
                        new Postprocessing([rules[label][rule]]).Apply(changed, profile);
                        if (Dice(one, reference, changed)[label] is { } value)
                            dice[label][rule].Add(value);
                    }
                }
            );
            warnings.Report(progress.Say);
            SelectedRule[] selected =
            [
                .. labels.Select((label, i) => Best(label, rules[i], dice[i])),
            ];
            return new(
                new Postprocessing([.. selected.Select(one => one.Rule).OfType<LabelRule>()])
                {
                    Anatomy = anatomy.IsSelected,
                },
                anatomy,
                selected
            );
        }

        private SelectedAnatomy Anatomy()
        {
            if (SidedStructure.In(profile) is [])
                return new(false, null, null);
            var (before, after) = (Empty(), Empty());
            ForEachCase(
                (prediction, reference, one) =>
                {
                    before.AddRange(Dice(one, reference, prediction).OfType<double>());
                    Postprocessing.AnatomyAlone.Apply(prediction, profile, one.Side);
                    after.AddRange(Dice(one, reference, prediction).OfType<double>());
                }
            );
            var (then, now) = (Mean(before), Mean(after));
            return now - then >= LeastGain ? new(true, then, now) : new(false, then, then);
        }

        private void ForEachCase(Action<Volume<byte>, Volume<byte>, DatasetCase> compare)
        {
            for (var i = 0; i < cases.Length; i++)
            {
                progress.Report(new Progress("comparing rules", i, cases.Length, cases[i].Id));
                var prediction = VolumeFile.ReadLabels(
                    Path.Combine(predictions, $"{cases[i].Id}.nii.gz")
                );
                var warning = warnings.About(Path.GetFileName(cases[i].LabelsPath));
                var reference = cases[i].ReadLabels(prediction.Grid, references, warning);
                if (!profile.SameOrder(references))
                    reference = reference with { Voxels = LabelValue.Binarized(reference.Voxels) };
                compare(prediction, reference, cases[i]);
            }
            progress.Report(new Progress("comparing rules", cases.Length, cases.Length));
        }

        private double?[] Dice(DatasetCase one, Volume<byte> reference, Volume<byte> prediction)
        {
            // A single foreground class is trained only where every structure is labeled.
            var groups = profile.SameOrder(references) ? one.Groups : null;
            return Overlap.DiceOf(reference.Voxels, prediction.Voxels, profile.Classes, groups)[
                1..
            ];
        }

        private static SelectedRule Best(string label, LabelRule[] rules, List<double>[] dice)
        {
            var best = Enumerable.Range(0, rules.Length).MaxBy(rule => Mean(dice[rule]) ?? 0);
            var (before, after) = (Mean(dice[0]), Mean(dice[best]));
            return after - before >= LeastGain
                ? new(label, rules[best], before, after)
                : new(label, null, before, before);
        }

        private static List<double> Empty() => [];

        private static double? Mean(List<double> values) => values is [] ? null : values.Average();
    }

    // The first rule changes nothing.
    private static LabelRule[] Candidates(string label) =>
        [
            new(label),
            new(label, Largest: true),
            new(label, FillHoles: true),
            new(label, Largest: true, FillHoles: true),
            .. new[] { 5.0, 20, 100 }.Select(mm3 => new LabelRule(label, MinimumVolume: mm3)),
        ];
}

/// <summary>Selected postprocessing.</summary>
/// <param name="Rules">As saved in the run folder.</param>
/// <param name="Anatomy">Whether the anatomical rule is one of them.</param>
/// <param name="Labels">The result for each label, in order.</param>
public sealed record SelectedPostprocessing(
    Postprocessing Rules,
    SelectedAnatomy Anatomy,
    IReadOnlyList<SelectedRule> Labels
);

/// <summary>Whether the anatomical rule is selected.</summary>
/// <param name="IsSelected">Whether it helps.</param>
/// <param name="Before">The mean Dice over labels and cases without it; null if no structure is medial and lateral.</param>
/// <param name="After">With it.</param>
public sealed record SelectedAnatomy(bool IsSelected, double? Before, double? After);

/// <summary>The postprocessing selected for a label.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Rule">The best rule; null if none helps.</param>
/// <param name="Before">The mean Dice without it; null if no case has the label.</param>
/// <param name="After">With it.</param>
public sealed record SelectedRule(string Label, LabelRule? Rule, double? Before, double? After);
