using KneeSeg.Data.Datasets;
using KneeSeg.Evaluation;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Reports.Tables;
using KneeSeg.Training;

namespace KneeSeg.Experiments;

/// <summary>
/// Cross-validation by subject: every training and validation case is predicted by the network that has not seen its
/// subject. The output folder can be used as an ensemble for new images.
/// </summary>
public static class CrossValidation
{
    /// <summary>Trains each fold, predicts its cases, and evaluates them all together. A second call resumes.</summary>
    /// <param name="request">The training; its run folder gets <c>fold-1/</c> and so on.</param>
    /// <param name="folds">The number of folds, 2 or more.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Ends the work after the current step.</param>
    /// <returns>
    /// The evaluation over all folds, also written to <c>evaluation.json</c>, <c>structures.csv</c> and <c>cases.csv</c>;
    /// null if interrupted.
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
                "cross-validation needs at least 2 folds",
                "Use 2 or more; 5 is common"
            );
        var dataset = DatasetFolder.Open(request.AllData);
        var predictions = Path.Combine(request.Run, "predictions");
        for (var i = 1; i <= folds; i++)
        {
            var fold = new CrossValidationFold(i, folds);
            var held = fold.Of(dataset).In(Split.Validation).ToArray();
            progress.Say($"fold {i}/{folds}: {held.Length} held-out cases");
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
        var evaluation = EvaluationJob.Run(
            predictions,
            dataset,
            dataset.Cases.Where(one => one.Split != Split.Test),
            request.Run,
            progress
        );
        AtomicFile.WriteText(
            Path.Combine(request.Run, "structures.csv"),
            CsvTables.Structures(evaluation)
        );
        AtomicFile.WriteText(Path.Combine(request.Run, "cases.csv"), CsvTables.Cases(evaluation));
        return evaluation;
    }
}
