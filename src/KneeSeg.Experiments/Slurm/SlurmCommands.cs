using System.Globalization;
using System.Text.RegularExpressions;

namespace KneeSeg.Experiments.Slurm;

/// <summary>Slurm's own programs. Nothing here needs its accounting database.</summary>
internal static partial class SlurmCommands
{
    // Slurm's own default, for where it can't be asked.
    private const int DefaultMaxArraySize = 1001;

    /// <summary>Refuses to go on without Slurm.</summary>
    /// <exception cref="ProblemException">There is no <c>sbatch</c> (exit 6).</exception>
    public static void Check()
    {
        if (Run("sbatch", ["--version"]) is null)
            throw new ProblemException(
                ExitCode.Resources,
                "--slurm",
                "Slurm's sbatch is not on the PATH",
                "Run this on a login node of the cluster, use --dry-run to write the script only, or start the command without --slurm on several machines that share the folder"
            );
    }

    /// <summary>Submits a job script.</summary>
    /// <param name="arguments">Options, the script and its arguments.</param>
    /// <returns>The job's ID.</returns>
    /// <exception cref="ProblemException">Slurm refuses the job (exit 6).</exception>
    public static long Submit(IReadOnlyList<string> arguments)
    {
        var (exit, output, errors) =
            Run("sbatch", ["--parsable", .. arguments]) ?? (1, "", "sbatch is gone");
        // "12", or "12;cluster".
        return exit == 0 && Number().Match(output) is { Success: true } id
            ? long.Parse(id.Value, CultureInfo.InvariantCulture)
            : throw new ProblemException(
                ExitCode.Resources,
                $"sbatch {string.Join(' ', arguments)}",
                $"Slurm refused the job ({Said(errors)})",
                "Check --partition, --account, --time, --cpus and --mem against sinfo and your cluster's documentation"
            );
    }

    /// <summary>The largest index of an array job, plus one.</summary>
    public static int MaxArraySize() =>
        Run("scontrol", ["show", "config"]) is (0, var config, _)
        && ArraySize().Match(config) is { Success: true } found
            ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : DefaultMaxArraySize;

    /// <summary>What Slurm plans with a running task; null if it does not answer.</summary>
    public static SlurmPlan? Show(string task) =>
        Run("scontrol", ["--oneliner", "show", "job", task]) is (0, var line, _)
            ? SlurmPlan.Parse(line)
            : null;

    /// <summary>Requeues a running task, which ends it.</summary>
    /// <returns>Null, or why it failed.</returns>
    public static string? Requeue(string task) =>
        Run("scontrol", ["requeue", task]) switch
        {
            null => "scontrol is not on the PATH",
            (0, _, _) => null,
            var (_, _, errors) => Said(errors),
        };

    /// <summary>What squeue says of some jobs, a line each; null if it is missing or does not answer.</summary>
    /// <param name="jobs">Their IDs.</param>
    /// <param name="format">Its fields.</param>
    public static IReadOnlyList<string>? Queue(IEnumerable<long> jobs, string format) =>
        Run(
            "squeue",
            [
                "--noheader",
                "--array",
                "--states=all",
                $"--jobs={string.Join(',', jobs)}",
                $"--format={format}",
            ]
        ) switch
        {
            (0, var output, _) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            // Jobs that ended minutes ago are forgotten.
            (_, _, var errors)
                when errors.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase) => [],
            _ => null,
        };

    private static (int Exit, string Output, string Errors)? Run(
        string program,
        IReadOnlyList<string> arguments
    )
    {
        using var process = ChildProcess.Start(program, arguments);
        if (process is null)
            return null;
        var errors = process.Errors.ReadToEndAsync();
        var output = process.Output.ReadToEnd();
        return (process.WaitForExit(), output, errors.Result);
    }

    // "sbatch: error: Batch job submission failed: Invalid partition name specified"
    private static string Said(string errors) =>
        errors
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault()
            is { } line
            ? line[
                (
                    line.LastIndexOf("error: ", StringComparison.Ordinal) is >= 0 and var at
                        ? at + 7
                        : 0
                )..
            ]
            : "without a message";

    [GeneratedRegex(@"^\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"^MaxArraySize\s*=\s*(\d+)", RegexOptions.Multiline)]
    private static partial Regex ArraySize();
}
