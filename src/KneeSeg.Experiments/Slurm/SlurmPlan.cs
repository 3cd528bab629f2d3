using System.Globalization;
using System.Text.RegularExpressions;

namespace KneeSeg.Experiments.Slurm;

/// <summary>What Slurm plans with a running task, as <c>scontrol show job</c> says it.</summary>
/// <param name="IsPreempted">Whether it is being preempted.</param>
/// <param name="TimeLeft">Until its time limit; null without one. Its end time is sooner where it is being preempted.</param>
internal sealed partial record SlurmPlan(bool IsPreempted, TimeSpan? TimeLeft)
{
    /// <summary>Reads the fields of one job, <c>NAME=VALUE</c> with spaces between.</summary>
    public static SlurmPlan Parse(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.TrimEntries)
            .Select(field => field.Split('=', 2))
            .Where(field => field.Length == 2)
            .DistinctBy(field => field[0])
            .ToDictionary(field => field[0], field => field[1]);
        return new(
            fields.GetValueOrDefault("PreemptTime") is not (null or "None"),
            Time(fields.GetValueOrDefault("TimeLimit")) - Time(fields.GetValueOrDefault("RunTime"))
        );
    }

    // "00:05:00", "2-01:05:00", or null for words such as "UNLIMITED".
    private static TimeSpan? Time(string? text) =>
        Pattern().Match(text ?? "") is { Success: true, Groups: var groups }
            ? new TimeSpan(
                Number(groups["days"]),
                Number(groups["hours"]),
                Number(groups["minutes"]),
                Number(groups["seconds"])
            )
            : null;

    private static int Number(Group group) =>
        group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^((?<days>\d+)-)?(?<hours>\d+):(?<minutes>\d+):(?<seconds>\d+)$")]
    private static partial Regex Pattern();
}
