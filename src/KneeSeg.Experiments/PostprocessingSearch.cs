using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Inference;

namespace KneeSeg.Experiments;

/// <summary>
/// Learns post-processing on the validation cases of a dataset: for each label the rule that raises its mean Dice most,
/// and none where none does (after Isensee et al. 2021, who ask only for the largest part).
/// </summary>
public static class PostprocessingSearch
{
    // A rule that gains less was lucky.
    private const double LeastGain = 0.001;

    /// <summary>Searches, and writes what it found to <see cref="Postprocessing.FileName" /> in the run's folder.</summary>
    /// <param name="predictor">The run's network, or the ensemble's.</param>
    /// <param name="folder">The run's folder, where predictions of validation cases are kept too.</param>
    /// <param name="data">The dataset that it was trained on.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Stops between windows; nothing is written then.</param>
    /// <returns>What was found for each label, in order.</returns>
    /// <exception cref="ProblemException">
    /// No labeled case is for validation or one can't be read (exit 3), its labels are others (exit 5), or the folder
    /// can't be written (exit 6).
    /// </exception>
    public static IReadOnlyList<SelectedRule> Run(
        Predictor predictor,
        string folder,
        string data,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        var dataset = Dataset.Open(data);
        DatasetCase[] cases =
        [
            .. dataset.In(Split.Validation).Where(one => one.Labels is not null),
        ];
        if (cases is [])
            throw new ProblemException(
                ExitCode.Data,
                data,
                "no labeled case is for validation",
                "Give some cases the split \"validation\""
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
        var learned = Learn(cases, predictions, predictor.Profile, dataset.Profile, progress);
        new Postprocessing([.. learned.Select(one => one.Rule).OfType<LabelRule>()]).Save(
            Path.Combine(folder, Postprocessing.FileName)
        );
        return learned;
    }

    private static SelectedRule[] Learn(
        DatasetCase[] cases,
        string predictions,
        LabelSchema profile,
        LabelSchema references,
        IProgressSink progress
    )
    {
        string[] labels = [.. profile.Labels.Skip(1)];
        var rules = labels.Select(Candidates).ToArray();
        // By label and rule: Dice of each case that has the label.
        var dice = rules.Select(some => some.Select(_ => new List<double>()).ToArray()).ToArray();
        var doubts = new FileWarnings();
        for (var i = 0; i < cases.Length; i++)
        {
            progress.Report(new Progress("comparing rules", i, cases.Length, cases[i].Id));
            var said = VolumeFile.ReadLabels(Path.Combine(predictions, $"{cases[i].Id}.nii.gz"));
            var doubt = doubts.About(Path.GetFileName(cases[i].LabelsPath));
            var truth = cases[i].ReadLabels(said.Grid, references, doubt);
            if (!profile.SameOrder(references))
                truth = truth with { Voxels = LabelValue.Binarized(truth.Voxels) };
            for (var label = 0; label < labels.Length; label++)
            for (var rule = 0; rule < rules[label].Length; rule++)
            {
                var changed = said with { Voxels = [.. said.Voxels] };
                new Postprocessing([rules[label][rule]]).Apply(changed, profile);
                if (Dice(truth.Voxels, changed.Voxels, (byte)(label + 1)) is { } value)
                    dice[label][rule].Add(value);
            }
        }
        progress.Report(new Progress("comparing rules", cases.Length, cases.Length));
        doubts.Report(progress.Say);
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

    // The first leaves all as it is.
    private static LabelRule[] Candidates(string label) =>
        [
            new(label),
            new(label, Largest: true),
            new(label, FillHoles: true),
            new(label, Largest: true, FillHoles: true),
            .. new[] { 5.0, 20, 100 }.Select(mm3 => new LabelRule(label, MinimumVolume: mm3)),
        ];

    private static double? Dice(byte[] truth, byte[] said, byte label)
    {
        var (both, either) = (0L, 0L);
        for (var i = 0; i < truth.Length; i++)
        {
            if (truth[i] == LabelValue.Ignored)
                continue;
            var (isTrue, isSaid) = (truth[i] == label, said[i] == label);
            either += (isTrue ? 1 : 0) + (isSaid ? 1 : 0);
            both += isTrue && isSaid ? 1 : 0;
        }
        return either == 0 ? null : 2.0 * both / either;
    }
}
