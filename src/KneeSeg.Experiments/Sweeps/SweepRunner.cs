using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>
/// Trains, predicts and evaluates every run of a sweep. Finished runs are skipped, interrupted ones are resumed, and runs of
/// other processes are left alone, so that several machines can share the work with the same request.
/// </summary>
public static class SweepRunner
{
    /// <summary>Checks everything, prints the cost, does the remaining runs and writes the tables.</summary>
    /// <param name="request">The sweep.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Ends the work after the current step.</param>
    /// <exception cref="ProblemException">
    /// A row is invalid (exit 2 or 4), there are no data (exit 2 or 3), or a file cannot be written (exit 6). Failures of
    /// single runs are in the outcome.
    /// </exception>
    public static SweepOutcome Run(
        SweepRequest request,
        IProgressSink progress,
        CancellationToken cancel = default
    )
    {
        NativeStart.Initialize();
        var plan = Prepared(request, get_num_threads(), progress, cancel);
        if (request.Search is { } budget)
            return Search(request, plan, budget, progress, cancel);
        SearchRecord.Remove(request.Out);
        List<(string, RunFailure)> failures = [];
        var elsewhere = 0;
        foreach (var (i, run) in plan.Runs.Index())
        {
            if (cancel.IsCancellationRequested)
                break;
            if (IsDone(run, request.DataFolder))
                continue;
            if (request.Shard?.Has(i) == false)
            {
                elsewhere++;
                continue;
            }
            var name = Path.GetFileName(run.Run);
            progress.Say($"run {i + 1}/{plan.Runs.Count}: {name}");
            if (TryLock(Path.Combine(request.Out, "locks", name)) is not { } held)
            {
                progress.Say($"{name}: skipped, another process is working on it");
                elsewhere++;
                continue;
            }
            using (held)
            {
                if (Failed(run, request.DataFolder, progress, cancel) is { } failure)
                    failures.Add((name, failure));
            }
            SweepReport.Write(request.Out);
            progress.Say(SweepEstimate.Of(request.Out, plan.Index));
        }
        SweepReport.Write(request.Out);
        return new(!cancel.IsCancellationRequested, failures, elsewhere);
    }

    private static SweepOutcome Search(
        SweepRequest request,
        SweepPlan plan,
        TimeSpan budget,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        if (plan.Runs.Any(run => !DatasetFolder.Open(run.AllData).In(Split.Validation).Any()))
            throw new ProblemException(
                ExitCode.Data,
                request.DataFolder,
                "has no validation cases, by which a search chooses",
                "Give cases the split \"validation\", or sweep without --search"
            );
        var runs = plan.Runs.ToDictionary(run => Path.GetFileName(run.Run));
        HalvedRow[] rows =
        [
            .. plan.Index.Rows.Select(row =>
            {
                string[] names = [.. row.Runs.Select(run => run.Name).Distinct()];
                var recipe = runs[names[0]].Recipe;
                return new HalvedRow(row.Name, names, recipe.Epochs, recipe.ValidateEvery);
            }),
        ];
        List<(string, RunFailure)> failures = [];
        string[] dropped = [];
        while (true)
        {
            var (next, spent, searched) = new SuccessiveHalving(
                rows,
                budget.TotalSeconds,
                run => RunLog.Read(RunFolder.At(runs[run].Run).LogFile),
                run => failures.Any(one => one.Item1 == run)
            ).Follow();
            new SearchRecord(1, budget.TotalSeconds, spent, searched).Write(request.Out);
            foreach (
                var row in searched.Where(row =>
                    row.Dropped is not "" && !dropped.Contains(row.Row)
                )
            )
                progress.Say($"{row.Row} is dropped: {row.Dropped}");
            dropped = [.. searched.Where(row => row.Dropped is not "").Select(row => row.Row)];
            if (next is not { } segment || cancel.IsCancellationRequested)
                break;
            progress.Say(
                $"{segment.Run} to epoch {segment.Epoch}; {DurationText.Of(TimeSpan.FromSeconds(spent))} of {DurationText.Of(budget)} spent"
            );
            if (
                Locked(
                    request,
                    runs[segment.Run] with
                    {
                        Until = segment.Epoch,
                    },
                    progress,
                    cancel
                ) is
                { } failure
            )
                failures.Add((segment.Run, failure));
            SweepReport.Write(request.Out);
        }
        // A run that was interrupted while it predicted is trained already.
        foreach (var run in plan.Runs.Where(run => WorkUnit.IsTrained(run.Run)))
            if (!cancel.IsCancellationRequested && !IsDone(run, request.DataFolder))
                if (Locked(request, run, progress, cancel) is { } failure)
                    failures.Add((Path.GetFileName(run.Run), failure));
        SweepReport.Write(request.Out);
        return new(!cancel.IsCancellationRequested, failures, 0);
    }

    // Two searches of one folder would choose by each other's half-trained runs.
    private static RunFailure? Locked(
        SweepRequest request,
        TrainingRequest run,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        using var held = RunLock.Take(
            Path.Combine(request.Out, "locks", Path.GetFileName(run.Run))
        );
        return Failed(run, request.DataFolder, progress, cancel);
    }

    /// <summary>Checks everything, prints the cost and generates the sweep's dataset, so that several processes can then run it.</summary>
    /// <param name="request">The sweep.</param>
    /// <param name="threads">Number of threads of each process.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">As <see cref="Run"/> throws.</exception>
    public static void Prepare(
        SweepRequest request,
        int threads,
        IProgressSink progress,
        CancellationToken cancel
    ) => Prepared(request, threads, progress, cancel, quiet: true);

    /// <summary>The runs of a sweep, in the order of shards. Nothing is written.</summary>
    /// <param name="request">The sweep.</param>
    /// <param name="threads">Number of threads of each process.</param>
    /// <exception cref="ProblemException">As <see cref="Run"/> throws.</exception>
    public static IReadOnlyList<WorkUnit> Units(SweepRequest request, int threads)
    {
        var plan = SweepPlan.Of(request, threads);
        var seconds = SweepEstimate.Seconds(request.Out, plan.Index);
        var images = WorkUnit.BytesOf(
            request.Data is { } data
                ? WorkUnit.LargestImage(DatasetFolder.Open(data))
                : request.File.Phantoms!.Size.Count
        );
        return
        [
            .. plan.Runs.Select(run =>
            {
                var name = Path.GetFileName(run.Run);
                var row = plan.Index.Rows.First(row => row.Runs.Any(one => one.Name == name));
                return new WorkUnit(
                    Path.GetRelativePath(request.Out, run.Run),
                    IsDone(run, request.DataFolder),
                    row.Memory + images,
                    seconds.TryGetValue(name, out var left) ? left : null
                );
            }),
        ];
    }

    private static SweepPlan Prepared(
        SweepRequest request,
        int threads,
        IProgressSink progress,
        CancellationToken cancel,
        bool quiet = false
    )
    {
        var plan = SweepPlan.Of(request, threads);
        if (SweepIndex.IsIn(request.Out) && SweepIndex.Read(request.Out).Threads is var before)
            if (before != threads)
                progress.Say(
                    $"resuming with {threads} threads instead of {before}: the results of unfinished runs can differ in the last bits"
                );
        plan.Index.Write(request.Out);
        if (!quiet)
        {
            foreach (var line in SweepEstimate.Table(plan.Index))
                progress.Say(line);
            progress.Say(SweepEstimate.Of(request.Out, plan.Index));
        }
        if (request.File.Phantoms is not null)
            Generate(request, progress, cancel);
        return plan;
    }

    private static void Generate(
        SweepRequest request,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var phantoms = request.File.Phantoms!;
        using var held = Wait(Path.Combine(request.Out, "locks", "knees"), progress, cancel);
        if (request.Data is null)
            Write(request.DataFolder, phantoms.Count, phantoms.Seed, null, phantoms.Contrast);
        foreach (var source in phantoms.Sources)
            Write(
                source.Folder(request.Out),
                source.Count,
                source.Seed,
                source.Structures,
                source.Contrast
            );

        void Write(
            string folder,
            int count,
            long seed,
            IReadOnlyList<string>? structures,
            PhantomContrast contrast
        ) =>
            PhantomSet.Write(
                folder,
                count,
                phantoms.Size,
                seed,
                structures: structures,
                progress: at =>
                    progress.Report(new Progress("generating cases", at.Done, at.Total, at.Case)),
                cancel: cancel,
                contrast: contrast
            );
    }

    private static bool IsDone(TrainingRequest run, string testData) =>
        WorkUnit.IsTrained(run.Run)
        && RunFailure.Read(run.Run) is null
        && (
            File.Exists(RunFolder.At(run.Run).Report)
            || !DatasetFolder.Open(testData).In(Split.Test).Any()
        );

    private static RunLock? TryLock(string folder)
    {
        try
        {
            return RunLock.Take(folder);
        }
        catch (ProblemException e) when (RunLock.IsInUse(e))
        {
            return null;
        }
    }

    // Another machine may be generating the dataset.
    private static RunLock Wait(string folder, IProgressSink progress, CancellationToken cancel)
    {
        var held = TryLock(folder);
        if (held is null)
            progress.Say("waiting for another process that is generating the dataset");
        while (held is null)
        {
            cancel.WaitHandle.WaitOne(TimeSpan.FromSeconds(1));
            cancel.ThrowIfCancellationRequested();
            held = TryLock(folder);
        }
        return held;
    }

    // A failure ends one run; a full disk ends the sweep.
    private static RunFailure? Failed(
        TrainingRequest run,
        string testData,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        try
        {
            RunFailure.Forget(run.Run);
            Finish(run, testData, progress, cancel);
            return null;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (ProblemException e)
            when (e.InnerException is not (IOException or UnauthorizedAccessException))
        {
            var failure = RunFailure.Of(e);
            failure.Write(run.Run);
            progress.Say($"{Path.GetFileName(run.Run)} failed: {e.Message}");
            return failure;
        }
    }

    private static void Finish(
        TrainingRequest run,
        string testData,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        // Not while a search has trained it in part.
        if (!TrainingJob.Run(run, progress, cancel).Finished)
            return;
        if (!DatasetFolder.Open(testData).In(Split.Test).Any())
            return;
        var predictions = Path.Combine(run.Run, "predictions");
        using (var predictor = Predictor.Open(run.Run, run.Precision, run.Device, progress))
        {
            var summary = PredictionJob.Run(
                predictor,
                PredictionInput.Find([testData]),
                predictions,
                progress,
                cancel
            );
            // Incomplete predictions must not be evaluated.
            cancel.ThrowIfCancellationRequested();
            if (summary.Problems is [var first, ..])
                throw first;
        }
        EvaluationJob.Run(predictions, testData, run.Run, progress);
        RunPage.Write(
            run.Run,
            run.Run,
            RunFolder.At(run.Run).Report,
            progress,
            isBrief: true,
            network: run.Spec
        );
    }
}
