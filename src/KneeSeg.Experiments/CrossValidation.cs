using KneeSeg.Data.Datasets;
using KneeSeg.Evaluation;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Runs;
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
    ) =>
        Train(request, folds, new Shard(1, 1), progress, cancel)
            ? Evaluate(request, folds, progress)
            : null;

    /// <summary>Trains the folds of a shard, and predicts their cases.</summary>
    /// <param name="request">The training.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="shard">The folds to do.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Ends the work after the current step.</param>
    /// <returns>False if interrupted.</returns>
    /// <exception cref="ProblemException">As <see cref="Run"/> throws.</exception>
    public static bool Train(
        TrainingRequest request,
        int folds,
        Shard shard,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        var dataset = DatasetFolder.Open(request.AllData);
        foreach (var fold in Folds(folds).Where(fold => shard.Has(fold.Index - 1)))
        {
            var own = Of(request, fold);
            try
            {
                RunFailure.Forget(own.Run);
                if (!Finish(own, dataset, Predictions(request), progress, cancel))
                    return false;
            }
            catch (ProblemException e)
                when (e.InnerException is not (IOException or UnauthorizedAccessException)
                    && Directory.Exists(own.Run)
                )
            {
                RunFailure.Of(e).Write(own.Run);
                throw;
            }
        }
        return true;
    }

    private static bool Finish(
        TrainingRequest request,
        Dataset dataset,
        string predictions,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var fold = request.Fold!;
        var held = fold.Of(dataset).In(Split.Validation).ToArray();
        progress.Say($"fold {fold.Index}/{fold.Count}: {held.Length} held-out cases");
        if (!TrainingJob.Run(request, progress, cancel).Finished)
            return false;
        using var predictor = Predictor.Open(
            request.Run,
            request.Precision,
            request.Device,
            progress,
            new() { Kernels = request.Kernels }
        );
        var summary = PredictionJob.Run(
            predictor,
            [.. held.Select(one => PredictionInput.Of(one, dataset))],
            predictions,
            progress,
            cancel
        );
        if (cancel.IsCancellationRequested)
            return false;
        return summary.Problems is [var first, ..] ? throw first : true;
    }

    /// <summary>Evaluates the cases of the finished folds together.</summary>
    /// <param name="request">The training.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="progress">Receives progress.</param>
    /// <exception cref="ProblemException">No fold is finished (exit 3).</exception>
    public static EvaluationSummary Evaluate(
        TrainingRequest request,
        int folds,
        IProgressSink progress
    )
    {
        var dataset = DatasetFolder.Open(request.AllData);
        var finished = Folds(folds)
            .Where(fold => IsDone(request, fold, dataset))
            .SelectMany(fold => fold.Of(dataset).In(Split.Validation))
            .Select(one => one.Id)
            .ToHashSet();
        if (finished.Count == 0)
            throw new ProblemException(
                ExitCode.Data,
                request.Run,
                "no fold is finished",
                "Run the same command, with --shard or without, to train them"
            );
        return EvaluationJob.Run(
            Predictions(request),
            dataset,
            dataset.Cases.Where(one => finished.Contains(one.Id)),
            request.Run,
            progress
        );
    }

    /// <summary>The folds, in the order of shards. Nothing is written.</summary>
    /// <param name="request">The training.</param>
    /// <param name="folds">The number of folds.</param>
    /// <exception cref="ProblemException">As <see cref="Run"/> throws.</exception>
    public static IReadOnlyList<WorkUnit> Units(TrainingRequest request, int folds)
    {
        var dataset = DatasetFolder.Open(request.AllData);
        var all = Folds(folds).Select(fold => (Fold: fold, Request: Of(request, fold))).ToArray();
        _ = all[0].Fold.Of(dataset);
        var bytes =
            Trainer.PeakBytes(all[0].Request) + WorkUnit.BytesOf(WorkUnit.LargestImage(dataset));
        var logs = all.Select(one => RunLog.Read(RunFolder.At(one.Request.Run).LogFile)).ToArray();
        var (seconds, steps) = (
            logs.Sum(log => log.Sum(epoch => epoch.Seconds)),
            logs.Sum(log => log is [.., var last] ? last.Step : 0)
        );
        return
        [
            .. all.Zip(logs)
                .Select(one => new WorkUnit(
                    Path.GetRelativePath(request.Run, one.First.Request.Run),
                    IsDone(request, one.First.Fold, dataset),
                    bytes,
                    steps == 0
                        ? null
                        : seconds
                            / steps
                            * (
                                request.Recipe.Steps
                                - (one.Second is [.., var last] ? last.Step : 0)
                            )
                )),
        ];
    }

    private static CrossValidationFold[] Folds(int count) =>
        count >= 2
            ? [.. Enumerable.Range(1, count).Select(i => new CrossValidationFold(i, count))]
            : throw new ProblemException(
                ExitCode.Usage,
                $"--folds {count}",
                "cross-validation needs at least 2 folds",
                "Use 2 or more; 5 is common"
            );

    private static TrainingRequest Of(TrainingRequest request, CrossValidationFold fold) =>
        request with
        {
            Run = Path.Combine(request.Run, $"fold-{fold.Index}"),
            Fold = fold,
        };

    private static string Predictions(TrainingRequest request) =>
        Path.Combine(request.Run, "predictions");

    private static bool IsDone(TrainingRequest request, CrossValidationFold fold, Dataset dataset)
    {
        if (!WorkUnit.IsTrained(Of(request, fold).Run))
            return false;
        var predicted = PredictionFolder.LabelFiles(Predictions(request));
        return fold.Of(dataset).In(Split.Validation).All(one => predicted.ContainsKey(one.Id));
    }
}
