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
        var (plan, data) = Prepared(request, get_num_threads(), progress, cancel);
        List<(string, RunFailure)> failures = [];
        var elsewhere = 0;
        foreach (var (i, run) in plan.Runs.Index())
        {
            if (cancel.IsCancellationRequested)
                break;
            if (request.Shard is { } shard && i % shard.Count != shard.Index - 1)
            {
                elsewhere += IsDone(request.Out, run, data) ? 0 : 1;
                continue;
            }
            if (IsDone(request.Out, run, data))
                continue;
            progress.Say($"run {i + 1}/{plan.Runs.Count}: {run.Name}");
            if (TryLock(Path.Combine(request.Out, "locks", run.Name)) is not { } held)
            {
                progress.Say($"{run.Name}: skipped, another process is working on it");
                elsewhere++;
                continue;
            }
            using (held)
            {
                if (Failed(request.Out, run, data, progress, cancel) is { } failure)
                    failures.Add((run.Name, failure));
            }
            SweepReport.Write(request.Out);
            progress.Say(SweepEstimate.Of(request.Out, plan.Index));
        }
        SweepReport.Write(request.Out);
        return new(!cancel.IsCancellationRequested, failures, elsewhere);
    }

    /// <summary>Checks everything, prints the cost and generates the sweep's dataset, so that several processes can then run it.</summary>
    /// <param name="request">The sweep.</param>
    /// <param name="jobs">Number of processes that share this machine's cores.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancel">Stops between cases.</param>
    /// <exception cref="ProblemException">As <see cref="Run"/> throws.</exception>
    public static void Prepare(
        SweepRequest request,
        int jobs,
        IProgressSink progress,
        CancellationToken cancel
    ) => Prepared(request, Math.Max(1, Processor.Cores / jobs), progress, cancel, quiet: true);

    private static (SweepPlan Plan, string Data) Prepared(
        SweepRequest request,
        int threads,
        IProgressSink progress,
        CancellationToken cancel,
        bool quiet = false
    )
    {
        if (request.Data is null && request.Sweep.Phantoms is null)
            throw new ProblemException(
                ExitCode.Usage,
                request.Sweep.Name,
                "no data: neither --data nor 'phantoms' in the file",
                "Add --data DATA, or 'phantoms' with count and size"
            );
        var profile = request.Data is { } data
            ? DatasetFolder.Open(data).Profile
            : LabelSchema.Find("iwoai")!;
        var plan = SweepPlan.Of(request.Sweep, profile, threads);
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
        return (plan, request.Data ?? Phantoms(request, progress, cancel));
    }

    private static string Phantoms(
        SweepRequest request,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var (folder, choice) = (Path.Combine(request.Out, "knees"), request.Sweep.Phantoms!);
        using var held = Wait(Path.Combine(request.Out, "locks", "knees"), progress, cancel);
        PhantomSet.Write(
            folder,
            choice.Count,
            choice.Size,
            choice.Seed,
            progress: at =>
                progress.Report(new Progress("generating cases", at.Done, at.Total, at.Case)),
            cancel: cancel
        );
        return folder;
    }

    private static bool IsDone(string folder, SweepRun run, string data)
    {
        var place = SweepIndex.RunOf(folder, run.Name);
        return SweepReport.IsFinished(place)
            && RunFailure.Read(place) is null
            && (
                File.Exists(RunFolder.At(place).Report)
                || !DatasetFolder.Open(data).In(Split.Test).Any()
            );
    }

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
        string folder,
        SweepRun run,
        string data,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var place = SweepIndex.RunOf(folder, run.Name);
        try
        {
            RunFailure.Forget(place);
            Finish(place, run, data, progress, cancel);
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
            failure.Write(place);
            progress.Say($"{run.Name} failed: {e.Message}");
            return failure;
        }
    }

    private static void Finish(
        string place,
        SweepRun run,
        string data,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var request = new TrainingRequest(run.Spec, data, place, run.Recipe, Precision.Auto, CPU);
        if (!TrainingJob.Run(request, progress, cancel).Finished)
            return;
        if (!DatasetFolder.Open(data).In(Split.Test).Any())
            return;
        var predictions = Path.Combine(place, "predictions");
        using (var predictor = Predictor.Open(place, Precision.Auto, CPU, progress))
        {
            var summary = PredictionJob.Run(
                predictor,
                PredictionInput.Find([data]),
                predictions,
                progress,
                cancel
            );
            // Incomplete predictions must not be evaluated.
            cancel.ThrowIfCancellationRequested();
            if (summary.Problems is [var first, ..])
                throw first;
        }
        EvaluationJob.Run(predictions, data, place, progress);
        var page = RunFolder.At(place).Report;
        ReportJob.Write(place, place, page, progress, isBrief: true);
    }
}
