using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Experiments;

/// <summary>
/// Selects postprocessing on the validation cases of a dataset: for each label the rule that raises its mean Dice most, if
/// any does (after Isensee et al. 2021, who only try the largest component).
/// </summary>
public static class PostprocessingSearch
{
    // Smaller gains are noise.
    private const double LeastGain = 0.001;

    /// <summary>Selects rules and writes them to <see cref="Postprocessing.FileName" /> in the run folder.</summary>
    /// <param name="predictor">The run's network, or the ensemble's.</param>
    /// <param name="folder">The run folder, which also gets the predictions of the validation cases.</param>
    /// <param name="data">The dataset that it was trained on.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between windows without writing rules.</param>
    /// <returns>The result for each label, in order.</returns>
    /// <exception cref="ProblemException">
    /// There is no labeled validation case or one cannot be read (exit 3), the label schema differs (exit 5), or the folder
    /// cannot be written (exit 6).
    /// </exception>
    public static IReadOnlyList<SelectedRule> Run(
        Predictor predictor,
        string folder,
        string data,
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
                data,
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
        var selected = Select(cases, predictions, predictor.Profile, dataset.Profile, progress);
        new Postprocessing([.. selected.Select(one => one.Rule).OfType<LabelRule>()]).Save(
            Path.Combine(folder, Postprocessing.FileName)
        );
        return selected;
    }

    private static SelectedRule[] Select(
        DatasetCase[] cases,
        string predictions,
        LabelSchema profile,
        LabelSchema references,
        IProgressSink progress
    )
    {
        string[] labels = [.. profile.Labels.Skip(1)];
        var rules = labels.Select(Candidates).ToArray();
        // By label and rule: the Dice of each case that has the label.
        var dice = rules.Select(some => some.Select(_ => new List<double>()).ToArray()).ToArray();
        var warnings = new FileWarnings();
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
            for (var label = 0; label < labels.Length; label++)
            for (var rule = 0; rule < rules[label].Length; rule++)
            {
                var changed = prediction with { Voxels = [.. prediction.Voxels] };
                new Postprocessing([rules[label][rule]]).Apply(changed, profile);
                cases[i].Groups?.Merge(changed.Voxels);
                var overlaps = Overlap.Count(reference.Voxels, changed.Voxels, profile.Classes);
                if (
                    cases[i].Groups?.Tell(label + 1) != false
                    && overlaps[label + 1].Dice is { } value
                )
                    dice[label][rule].Add(value);
            }
        }
        progress.Report(new Progress("comparing rules", cases.Length, cases.Length));
        warnings.Report(progress.Say);
        return
        [
            .. labels.Select(
                (label, i) =>
                {
                    double? Mean(int rule) =>
                        dice[i][rule] is { Count: > 0 } values ? values.Average() : null;
                    var best = Enumerable.Range(0, rules[i].Length).MaxBy(rule => Mean(rule) ?? 0);
                    return Mean(best) - Mean(0) >= LeastGain
                        ? new SelectedRule(label, rules[i][best], Mean(0), Mean(best))
                        : new SelectedRule(label, null, Mean(0), Mean(0));
                }
            ),
        ];
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

/// <summary>The postprocessing selected for a label.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Rule">The best rule; null if none helps.</param>
/// <param name="Before">The mean Dice without it; null if no case has the label.</param>
/// <param name="After">With it.</param>
public sealed record SelectedRule(string Label, LabelRule? Rule, double? Before, double? After);
