using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using KneeSeg.Inference.Files;
using KneeSeg.Training;

namespace KneeSeg.Experiments.Slurm;

/// <summary>
/// This process as a task of our job script. Slurm sends SIGTERM before a time limit and before a preemption. After both the
/// program saves, requeues its task and exits: Slurm itself only requeues what it had to kill.
/// </summary>
public sealed class SlurmTask
{
    /// <summary>The variable with the output folder, which the job script sets.</summary>
    internal const string FolderVariable = "KNEESEG_SLURM_OUT";

    /// <summary>The variable with the task's number.</summary>
    internal const string TaskVariable = "KNEESEG_SLURM_TASK";

    /// <summary>So often a task reaches its time limit without progress before it is given up.</summary>
    private const int MostRestarts = 3;

    // Slurm sends the signal up to a minute earlier than it was asked to.
    private static readonly TimeSpan Earliest = TimeSpan.FromSeconds(JobScript.SignalSeconds + 75);

    // What is not saved then will not be.
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(10);

    private readonly string folder;
    private readonly int number;
    private readonly Action<string> say;
    private readonly long before;
    private readonly ManualResetEventSlim hasEnded = new();

    private SlurmTask(string folder, int number, Action<string> say)
    {
        (this.folder, this.number, this.say) = (folder, number, say);
        before = Progress;
    }

    /// <summary>Does a task's work, or any other, and requeues the task at its time limit.</summary>
    /// <param name="work">The work, which SIGTERM ends after it has saved.</param>
    /// <param name="say">Receives what happens to the task.</param>
    /// <returns>What the work returns.</returns>
    /// <exception cref="ProblemException">The task is given up, since it reaches its time limit without progress (exit 6).</exception>
    public static ExitCode Run(Func<ExitCode> work, Action<string> say)
    {
        if (
            Environment.GetEnvironmentVariable(FolderVariable) is not { } folder
            || !int.TryParse(
                Environment.GetEnvironmentVariable(TaskVariable),
                CultureInfo.InvariantCulture,
                out var number
            )
        )
            return work();
        SlurmTask task = new(folder, number, say);
        Task? stop = null;
        using var signal = PosixSignalRegistration.Create(
            PosixSignal.SIGTERM,
            context =>
            {
                // Work that does not listen yet has nothing to save, and is killed.
                context.Cancel = true;
                stop ??= Task.Run(task.Stop);
            }
        );
        try
        {
            return work();
        }
        finally
        {
            task.hasEnded.Set();
            stop?.GetAwaiter().GetResult();
        }
    }

    private SlurmUnit? Unit => SlurmJobs.Read(folder)?.Units.ElementAtOrDefault(number - 1);

    private string? RunFolder =>
        Unit is { Cases: [], Name: var name } ? Path.Combine(folder, name) : null;

    // Grows with every step and every predicted image.
    private long Progress =>
        RunFolder is { } run
            ? Trainer.StepsDone(run)
                + Predicted(Path.Combine(run, "predictions"))
                + Predicted(Path.Combine(folder, "predictions"))
            : PredictionFolder.LabelFiles(folder).Keys.Intersect(Unit?.Cases ?? []).Count();

    private static int Predicted(string predictions) =>
        PredictionFolder.LabelFiles(predictions).Count;

    // With its array's ID: that of the job is the array's for one of the tasks, and would mean them all.
    private static string Name =>
        $"{Variable("SLURM_ARRAY_JOB_ID")}_{Variable("SLURM_ARRAY_TASK_ID")}";

    private void Stop()
    {
        switch (SlurmCommands.Show(Name))
        {
            case { IsPreempted: true }:
                say("preempted: saving");
                hasEnded.Wait();
                new SlurmTaskNote(SlurmTaskNote.Preempted, 0).Write(folder, number);
                Requeue();
                break;
            case { TimeLeft: { } left } when left < Earliest:
                say($"the time limit is {left.TotalSeconds:0} s away: saving");
                hasEnded.Wait(left > Latest ? left - Latest : TimeSpan.Zero);
                AtLimit();
                break;
            default:
                say("cancelled: saving");
                break;
        }
    }

    private void AtLimit()
    {
        var restarts =
            Progress > before ? 0 : 1 + (SlurmTaskNote.Read(folder, number)?.Restarts ?? 0);
        new SlurmTaskNote(SlurmTaskNote.TimeLimit, restarts).Write(folder, number);
        if (restarts >= MostRestarts)
            GiveUp();
        Requeue();
    }

    private void Requeue() =>
        say(
            SlurmCommands.Requeue(Name) is { } problem
                ? $"task {Name} can't be requeued ({problem}): submit it again with the same command"
                : $"task {Name} is requeued"
        );

    private void GiveUp()
    {
        ProblemException problem = new(
            ExitCode.Resources,
            Unit?.Name ?? folder,
            $"it reached its time limit {MostRestarts} times without one more step or image",
            "Give each task more --time or --cpus, or use a smaller --patch, and submit it again"
        );
        if (RunFolder is { } run)
            RunFailure.Of(problem).Write(run);
        throw problem;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);
}

/// <summary>Why a task stopped last: <c>slurm/task-3.json</c> in the output folder.</summary>
/// <param name="Stopped"><see cref="Preempted"/> or <see cref="TimeLimit"/>.</param>
/// <param name="Restarts">How often in a row it reached its time limit without progress.</param>
internal sealed record SlurmTaskNote(string Stopped, int Restarts)
{
    public const string Preempted = "preempted";
    public const string TimeLimit = "time limit";

    /// <summary>A task's; null if it has not stopped since it was submitted.</summary>
    public static SlurmTaskNote? Read(string folder, int task)
    {
        try
        {
            return File.Exists(FileOf(folder, task))
                ? JsonSerializer.Deserialize<SlurmTaskNote>(
                    File.ReadAllText(FileOf(folder, task)),
                    JsonStyle.Indented
                )
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    public void Write(string folder, int task) =>
        AtomicFile.WriteText(
            FileOf(folder, task),
            JsonSerializer.Serialize(this, JsonStyle.Indented)
        );

    /// <summary>Deletes a task's, since it is submitted again.</summary>
    public static void Forget(string folder, int task)
    {
        if (File.Exists(FileOf(folder, task)))
            File.Delete(FileOf(folder, task));
    }

    private static string FileOf(string folder, int task) =>
        Path.Combine(SlurmJobs.FolderOf(folder), $"task-{task}.json");
}
