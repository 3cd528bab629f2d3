using System.Globalization;
using KneeSeg.Runs;
using static System.FormattableString;

namespace KneeSeg.Experiments.Slurm;

/// <summary>The job scripts of an output folder: <c>job.sh</c> for the tasks, <c>gather.sh</c> for their tables.</summary>
/// <param name="Out">The output folder, as the user gave it.</param>
/// <param name="Words">The user's command line, without Slurm's flags.</param>
/// <param name="Tasks">The number of units of work.</param>
/// <param name="Resources">What each task gets.</param>
internal sealed record JobScript(
    string Out,
    IReadOnlyList<string> Words,
    int Tasks,
    SlurmResources Resources
)
{
    /// <summary>
    /// The seconds from the signal to the time limit. Slurm rounds them up to a minute; a step of training, and writing a
    /// checkpoint, take less.
    /// </summary>
    public const int SignalSeconds = 60;

    // A file server gives the locks of a dead node back after a minute or two.
    private const int LockSeconds = 300;

    private string Folder => SlurmJobs.FolderOf(Out);

    /// <summary>The tasks' script.</summary>
    public string JobFile => Path.Combine(Folder, "job.sh");

    /// <summary>The script that writes tables.</summary>
    public string GatherFile => Path.Combine(Folder, "gather.sh");

    /// <summary>
    /// The text of <see cref="JobFile"/>. Its argument is what array indices are short of the tasks' numbers, since Slurm
    /// limits indices.
    /// </summary>
    public string Job =>
        $$"""
            #!/bin/bash
            # Task I of {{Tasks}} does its part of: {{Line(["kneeseg", .. Words])}}
            # To submit all: sbatch --array=1-{{Tasks}} {{Quoted(JobFile)}}
            {{Header("kneeseg", "%A_%a.log")}}
            #SBATCH --requeue
            #SBATCH --signal=B:TERM@{{SignalSeconds}}
            # Until the program can save, it has nothing to save. Slurm requeues what it kills, and not what ends by itself.
            trap '' TERM
            task=$((SLURM_ARRAY_TASK_ID + ${1:-0}))
            echo "$(date '+%F %T') task $task starts, restarts so far: ${SLURM_RESTART_COUNT:-0}, on $(hostname)" >&2
            # For libtorch and .NET, on clusters that do not bind tasks to their cores.
            export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK DOTNET_PROCESSOR_COUNT=$SLURM_CPUS_PER_TASK
            # So that the program requeues this task at its time limit.
            export {{SlurmTask.FolderVariable}}={{Quoted(Out)}} {{SlurmTask.TaskVariable}}=$task
            # A file server may keep the locks of a node that died for so many seconds.
            export {{RunLock.WaitVariable}}={{LockSeconds}}
            # With "exec", the program is what Slurm signals.
            exec {{Line([Program, .. Words])}} --shard "$task/{{Tasks}}"

            """;

    /// <summary>The text of <see cref="GatherFile"/>.</summary>
    public string Gather =>
        $$"""
            #!/bin/bash
            # Writes the tables of what is finished.
            {{Header("kneeseg-gather", "gather_%j.log")}}
            export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK DOTNET_PROCESSOR_COUNT=$SLURM_CPUS_PER_TASK
            exec {{Line([Program, .. Words])}} --gather

            """;

    // This program, wherever it is installed.
    private static string Program => Environment.ProcessPath!;

    private string Header(string name, string log) =>
        string.Join(
            '\n',
            new (string Flag, string? Value)[]
            {
                ("job-name", name),
                ("chdir", Directory.GetCurrentDirectory()),
                ("output", Path.Combine(Folder.Replace("%", "%%"), log)),
                ("open-mode", "append"),
                ("partition", Resources.Partition),
                ("account", Resources.Account),
                ("cpus-per-task", Resources.Cpus.ToString(CultureInfo.InvariantCulture)),
                ("mem", Invariant($"{Math.Ceiling(Resources.Memory!.Value / 1048576.0)}M")),
                ("time", Resources.Time),
                ("gres", Resources.Gpu ? "gpu:1" : null),
            }
                .Where(one => one.Value is not null)
                .Select(one => $"#SBATCH --{one.Flag}={Value(one.Value!)}")
        );

    // As Slurm reads a value in a script.
    private static string Value(string text) => text.Any(char.IsWhiteSpace) ? $"\"{text}\"" : text;

    /// <summary>A command line for a shell.</summary>
    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Quoted));

    private static string Quoted(string word) =>
        word is not "" && word.All(c => char.IsAsciiLetterOrDigit(c) || "_@%+=:,./-".Contains(c))
            ? word
            : $"'{word.Replace("'", @"'\''")}'";
}
