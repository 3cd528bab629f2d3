using System.Globalization;

namespace KneeSeg.Experiments.Slurm;

/// <summary>A task as the queue knows it.</summary>
/// <param name="Task">Its number, which is the unit's.</param>
/// <param name="Job">The ID of its array job.</param>
/// <param name="State">In Slurm's words, such as <c>PENDING</c>.</param>
/// <param name="Reason">Why it waits, in Slurm's words.</param>
/// <param name="Node">Where it runs; empty while it waits.</param>
/// <param name="TimeLeft">Until its time limit, in Slurm's words.</param>
internal sealed record QueuedTask(
    int Task,
    long Job,
    string State,
    string Reason,
    string Node,
    string TimeLeft
)
{
    /// <summary>Whether it runs, or ends just now.</summary>
    public bool IsRunning => State is "RUNNING" or "COMPLETING" or "SUSPENDED" or "STOPPED";

    /// <summary>Whether it is in the queue, or will be again.</summary>
    public bool IsActive =>
        IsRunning
        || State
            is "PENDING"
                or "CONFIGURING"
                or "PREEMPTED"
                or "REQUEUED"
                or "REQUEUE_FED"
                or "REQUEUE_HOLD"
                or "RESV_DEL_HOLD"
                or "SPECIAL_EXIT"
                or "SIGNALING"
                or "STAGE_OUT"
                or "RESIZING";
}

/// <summary>The queue of a cluster.</summary>
internal static class SlurmQueue
{
    // Array, index, state, reason, nodes, time left.
    private const string Format = "%F|%K|%T|%r|%N|%L";

    /// <summary>The tasks of arrays that the queue still knows, by their number; the newest of each. Null if it does not answer.</summary>
    public static IReadOnlyDictionary<int, QueuedTask>? Of(IReadOnlyList<SlurmArray> arrays)
    {
        Dictionary<int, QueuedTask> tasks = [];
        if (arrays is [])
            return tasks;
        if (SlurmCommands.Queue(arrays.Select(array => array.Job), Format) is not { } lines)
            return null;
        foreach (var line in lines)
            if (
                line.Split('|') is [var job, var index, var state, var reason, var node, var left]
                && long.TryParse(job, CultureInfo.InvariantCulture, out var id)
                && int.TryParse(index, CultureInfo.InvariantCulture, out var number)
                && arrays.FirstOrDefault(array => array.Job == id) is { } own
            )
            {
                QueuedTask task = new(number + own.Offset, id, state, reason, node, left);
                if (tasks.GetValueOrDefault(task.Task) is not { } known || known.Job < id)
                    tasks[task.Task] = task;
            }
        return tasks;
    }
}
