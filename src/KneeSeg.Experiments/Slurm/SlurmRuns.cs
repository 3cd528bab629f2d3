using KneeSeg.Inference.Files;

namespace KneeSeg.Experiments.Slurm;

/// <summary>
/// A list of runs with what Slurm's queue knows of them. It needs no accounting: what has left the queue is told by the
/// folder.
/// </summary>
public static class SlurmRuns
{
    /// <summary>
    /// Adds states, reasons, nodes and times left, and a row for each task that has no run folder yet. Nothing changes where no
    /// job was submitted.
    /// </summary>
    /// <param name="folder">The folder that was searched.</param>
    /// <param name="runs">From <see cref="RunList.Find"/>.</param>
    /// <exception cref="ProblemException">A record of submitted jobs is damaged (exit 3).</exception>
    public static IReadOnlyList<RunList> Of(string folder, IReadOnlyList<RunList> runs)
    {
        var all = runs.ToDictionary(run => run.Name);
        foreach (var submitted in Submitted(folder))
            if (
                SlurmJobs.Read(submitted) is { Arrays: not [] } jobs
                && SlurmQueue.Of(jobs.Arrays) is { } queue
            )
                foreach (var task in jobs.Arrays.SelectMany(array => array.Tasks).Distinct())
                {
                    var unit = jobs.Units[task - 1];
                    var name = Path.GetRelativePath(folder, Path.Combine(submitted, unit.Name));
                    var run =
                        all.GetValueOrDefault(name)
                        ?? new(name, "", "", Predicted(submitted, unit), 0, 0, null, null, null, 0);
                    all[name] = With(run, submitted, task, jobs, queue.GetValueOrDefault(task));
                }
        return [.. all.Values.OrderBy(run => run.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Submitted(string folder) =>
        Runs.RunFolder.Exists(folder) ? []
        : SlurmJobs.Read(folder) is not null ? [folder]
        : Directory.EnumerateDirectories(folder).SelectMany(Submitted);

    private static string Predicted(string folder, SlurmUnit unit) =>
        unit.Cases is not [] && !unit.Cases.Except(PredictionFolder.LabelFiles(folder).Keys).Any()
            ? "finished"
            : "";

    private static RunList With(
        RunList run,
        string folder,
        int task,
        SlurmJobs jobs,
        QueuedTask? queued
    ) =>
        queued switch
        {
            { IsRunning: true } => run with
            {
                State = "running",
                Reason = null,
                Node = queued.Node,
                TimeLeft = queued.TimeLeft,
            },
            { IsActive: true } => run with
            {
                State =
                    SlurmTaskNote.Read(folder, task)?.Stopped == SlurmTaskNote.Preempted
                        ? "preempted"
                        : "pending",
                Reason = queued.Reason,
            },
            // Its training is finished, and its test cases may not be.
            { State: not "COMPLETED" } => run with
            {
                State = "failed",
                Reason = run.Reason ?? Ended(folder, task, jobs, queued.State),
            },
            _ when run.State is "finished" or "failed" or "running" => run,
            _ => run with { State = "failed", Reason = Ended(folder, task, jobs, null) },
        };

    // Slurm's word for its end, or the last error in its log.
    private static string Ended(string folder, int task, SlurmJobs jobs, string? state)
    {
        var array = jobs.Arrays.Last(array => array.Tasks.Contains(task));
        var log = Path.Combine(
            SlurmJobs.FolderOf(folder),
            $"{array.Job}_{task - array.Offset}.log"
        );
        var known = state switch
        {
            "CANCELLED" => "cancelled",
            "TIMEOUT" => "killed at its time limit",
            "OUT_OF_MEMORY" => "out of memory",
            "NODE_FAIL" or "BOOT_FAIL" => "its node failed",
            "DEADLINE" => "its deadline passed",
            _ => File.Exists(log) ? SlurmLog.LastError(log) : null,
        };
        return known
            ?? $"{(state == "FAILED" ? "killed" : "ended unfinished")}; see {Path.GetRelativePath(folder, log)}";
    }
}
