using System.Globalization;

namespace KneeSeg.Experiments.Slurm;

/// <summary>Work to submit to Slurm.</summary>
/// <param name="Out">The output folder.</param>
/// <param name="Words">The command line that does it, without Slurm's flags; with <c>--shard</c> it does a part.</param>
/// <param name="Units">All units of the work.</param>
/// <param name="Resources">What each task asks for.</param>
/// <param name="Max">The most tasks to run at once; null for no limit.</param>
public sealed record SlurmRequest(
    string Out,
    IReadOnlyList<string> Words,
    IReadOnlyList<WorkUnit> Units,
    SlurmResources Resources,
    int? Max
);

/// <summary>Submits units of work as an array job, and a job that then gathers their results.</summary>
public static class SlurmSubmission
{
    /// <summary>Submits what is neither done nor in the queue.</summary>
    /// <param name="request">The work.</param>
    /// <param name="prepare">Is called before anything is submitted, if anything will be.</param>
    /// <returns>What to tell the user, in lines.</returns>
    /// <exception cref="ProblemException">
    /// There is no Slurm or it refuses the job, the folder can't be written (exit 6), or other work was submitted for this
    /// folder and is still in the queue (exit 2).
    /// </exception>
    public static IReadOnlyList<string> Submit(SlurmRequest request, Action prepare)
    {
        SlurmCommands.Check();
        var (known, active) = Known(request);
        int[] left = [.. Left(request).Except(active.Select(task => task.Task))];
        if (left is [])
            return
            [
                active is []
                    ? $"nothing to submit: all {request.Units.Count} are done"
                    : $"nothing to submit: {active.Length} of {request.Units.Count} are in the queue, and the others are done",
            ];
        prepare();
        var (script, lines) = Write(request, left);
        foreach (var task in left)
            SlurmTaskNote.Forget(request.Out, task);
        // Before the tasks, which read it, and after each array, which a second call must know.
        known.Write(request.Out);
        List<SlurmArray> submitted = [];
        foreach (var (array, option) in Arrays(left, request.Max))
        {
            // With a limit one after the other, or more than so many tasks would run at once.
            string[] after =
                request.Max is null || submitted is []
                    ? []
                    : [$"--dependency=afterany:{submitted[^1].Job}"];
            var job = SlurmCommands.Submit([.. after, option, .. Script(script, array)]);
            submitted.Add(array with { Job = job });
            (known with { Arrays = [.. known.Arrays, .. submitted] }).Write(request.Out);
        }
        var jobs = active.Select(task => task.Job).Union(submitted.Select(array => array.Job));
        var gather = SlurmCommands.Submit([
            $"--dependency=afterany:{string.Join(':', jobs)}",
            script.GatherFile,
        ]);
        return
        [
            .. lines,
            $"submitted {(left is [_] ? "1 task" : $"{left.Length} tasks")}{(request.Max is { } max ? $", at most {max} at once," : "")} as job {string.Join(", ", submitted.Select(array => array.Job))}"
                + (active is [] ? "" : $"; {active.Length} are in the queue already"),
            $"job {gather} then writes the tables",
            $"kneeseg list {request.Out} shows their state",
        ];
    }

    /// <summary>Writes the scripts without submitting them.</summary>
    /// <param name="request">The work.</param>
    /// <returns>The tasks' script, and then what to tell the user.</returns>
    /// <exception cref="ProblemException">The folder can't be written (exit 6).</exception>
    public static (string Script, IReadOnlyList<string> Lines) Write(SlurmRequest request)
    {
        int[] left = [.. Left(request)];
        if (SlurmJobs.Read(request.Out) is null)
            new SlurmJobs(1, Units(request), []).Write(request.Out);
        var (script, lines) = Write(request, left);
        return (
            script.Job,
            [
                .. lines,
                "to submit:",
                .. Arrays(left, request.Max)
                    .Select(one =>
                        $"  {JobScript.Line(["sbatch", one.Option, .. Script(script, one.Array)])}"
                    ),
                "and when they have ended:",
                $"  {JobScript.Line(["sbatch", script.GatherFile])}",
            ]
        );
    }

    private static (JobScript Script, IReadOnlyList<string> Lines) Write(
        SlurmRequest request,
        IReadOnlyList<int> left
    )
    {
        var resources = request.Resources.For([
            .. left.DefaultIfEmpty(1).Select(task => request.Units[task - 1]),
        ]);
        JobScript script = new(request.Out, request.Words, request.Units.Count, resources);
        AtomicFile.WriteText(script.JobFile, script.Job);
        AtomicFile.WriteText(script.GatherFile, script.Gather);
        return (
            script,
            [
                $"each task gets {(resources.Cpus == 1 ? "1 core" : $"{resources.Cpus} cores")}, {ByteSize.Of(resources.Memory!.Value)} and "
                    + (
                        resources.Time is { } time
                            ? $"a time limit of {time}{(request.Resources.Time is null ? ", from the steps so far" : "")}"
                            : "the partition's time limit, since no step has been measured yet"
                    ),
            ]
        );
    }

    private static string[] Script(JobScript script, SlurmArray array) =>
        [script.JobFile, array.Offset.ToString(CultureInfo.InvariantCulture)];

    // What was submitted before, and the tasks of it that are in the queue.
    private static (SlurmJobs Known, QueuedTask[] Active) Known(SlurmRequest request)
    {
        var known = SlurmJobs.Read(request.Out) ?? new(1, Units(request), []);
        var queue =
            SlurmQueue.Of(known.Arrays)
            ?? throw new ProblemException(
                ExitCode.Resources,
                "squeue",
                "it does not say what is in the queue",
                "Run this on a login node of the cluster, and check that squeue works there"
            );
        QueuedTask[] active = [.. queue.Values.Where(task => task.IsActive)];
        if (known.HasSameUnits(Units(request)))
            return (known, active);
        return active is [var other, ..]
            ? throw new ProblemException(
                ExitCode.Usage,
                request.Out,
                $"job {other.Job} in the queue does other work in this folder",
                $"Wait for it, or cancel it with scancel {other.Job}, or choose another --out"
            )
            : (new(1, Units(request), []), []);
    }

    private static SlurmUnit[] Units(SlurmRequest request) =>
        [.. request.Units.Select(SlurmUnit.Of)];

    // Numbers of the units that are not done, from 1.
    private static IEnumerable<int> Left(SlurmRequest request) =>
        request.Units.Index().Where(unit => !unit.Item.IsDone).Select(unit => unit.Index + 1);

    // As many arrays as the largest index makes necessary; they have no job yet.
    private static IReadOnlyList<(SlurmArray Array, string Option)> Arrays(
        IReadOnlyList<int> tasks,
        int? max
    )
    {
        var most = SlurmCommands.MaxArraySize() - 1;
        return
        [
            .. from task in tasks
            group task by (task - 1) / most * most into chunk
            select (
                new SlurmArray(0, chunk.Key, [.. chunk]),
                $"--array={Ranges([.. chunk.Select(task => task - chunk.Key)])}{(max is null ? "" : $"%{max}")}"
            ),
        ];
    }

    /// <summary>"1-3,5" of ascending numbers.</summary>
    internal static string Ranges(IReadOnlyList<int> numbers) =>
        string.Join(
            ',',
            numbers
                .Index()
                // Neighbors have the same distance from their place in the list.
                .GroupBy(one => one.Item - one.Index, one => one.Item)
                .Select(range =>
                    range.Count() == 1 ? $"{range.First()}" : $"{range.First()}-{range.Last()}"
                )
        );
}
