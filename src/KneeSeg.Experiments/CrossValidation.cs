using KneeSeg.Data;
using KneeSeg.Evaluation;
using KneeSeg.Inference;
using KneeSeg.Reports;
using KneeSeg.Training;

namespace KneeSeg.Experiments;

/// <summary>
/// Cross-validation by subject: every training and validation case is predicted by the one network that has not seen its
/// subject. The folder of all of them is an ensemble for new images.
/// </summary>
public static class CrossValidation
{
    /// <summary>Trains each fold, predicts its cases, and measures them all together. A second call goes on.</summary>
    /// <param name="request">What to train; its run is the folder for <c>fold-1/</c> and so on.</param>
    /// <param name="folds">How many, 2 or more.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancel">Ends after the step that is under way.</param>
    /// <returns>
    /// What was measured over all folds, also in <c>evaluation.json</c>, <c>structures.csv</c> and <c>cases.csv</c>; null
    /// when it was interrupted.
    /// </returns>
    /// <exception cref="ProblemException">Too few folds (exit 2) or subjects (exit 3), or what training throws.</exception>
    public static EvaluationSummary? Run(
        TrainingRequest request,
        int folds,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        if (folds < 2)
            throw new ProblemException(
                ExitCode.Usage,
                $"--folds {folds}",
                "is too few: one part must validate and another train",
                "Give 2 or more; 5 is usual"
            );
        var dataset = Dataset.Open(request.Data);
        var predictions = Path.Combine(request.Run, "predictions");
        for (var i = 1; i <= folds; i++)
        {
            var fold = new CrossValidationFold(i, folds);
            var held = fold.Of(dataset).In(Split.Validation).ToArray();
            progress.Say($"fold {i} of {folds}: {held.Length} cases are held out");
            var own = request with { Run = Path.Combine(request.Run, $"fold-{i}"), Fold = fold };
            if (!TrainingJob.Run(own, progress, cancel).Finished)
                return null;
            using var predictor = Predictor.Open(
                own.Run,
                request.Precision,
                request.Device,
                progress
            );
            var summary = PredictionJob.Run(
                predictor,
                [.. held.Select(one => PredictionInput.Of(one, dataset))],
                predictions,
                progress,
                cancel
            );
            if (cancel.IsCancellationRequested)
                return null;
            if (summary.Problems is [var first, ..])
                throw first;
        }
        var measured = EvaluationJob.Run(
            predictions,
            dataset,
            dataset.Cases.Where(one => one.Split != Split.Test),
            request.Run,
            progress
        );
        AtomicFile.WriteText(
            Path.Combine(request.Run, "structures.csv"),
            CsvTables.Structures(measured)
        );
        AtomicFile.WriteText(Path.Combine(request.Run, "cases.csv"), CsvTables.Cases(measured));
        return measured;
    }
}
