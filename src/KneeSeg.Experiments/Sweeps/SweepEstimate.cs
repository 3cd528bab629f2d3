using KneeSeg.Runs;
using static System.FormattableString;

namespace KneeSeg.Experiments;

/// <summary>What a sweep costs, told before it starts and again after each run.</summary>
internal static class SweepEstimate
{
    /// <summary>A line a row: parameters, multiply-accumulates, memory, steps.</summary>
    public static IEnumerable<string> Table(SweepIndex index) =>
        index.Rows.Select(row =>
            Invariant(
                $"{row.Name}: {row.Parameters} parameters, {row.Macs / 1e9:0.000} G multiply-accumulates, {row.Memory / 1e6:0} MB a step, {row.Runs.Count} × {row.Steps} steps"
            )
        );

    /// <summary>
    /// How long what is left takes, from the epochs that are done: a row's own seconds a step, or those of all rows by their
    /// multiply-accumulates where it has none yet.
    /// </summary>
    public static string Of(string folder, SweepIndex index)
    {
        var runs = index
            .Rows.SelectMany(row => row.Runs.Select(run => (Row: row, run.Name)))
            .DistinctBy(run => run.Name)
            .Select(run =>
            {
                var log = RunLog.Read(RunFolder.At(SweepIndex.RunOf(folder, run.Name)).LogFile);
                return (
                    run.Row,
                    Seconds: log.Sum(epoch => epoch.Seconds),
                    Steps: log is [.., var last] ? last.Step : 0
                );
            })
            .ToArray();
        var (seconds, work) = (
            runs.Sum(run => run.Seconds),
            runs.Sum(run => (double)run.Steps * Macs(run.Row))
        );
        var left = runs.Where(run => run.Steps < run.Row.Steps).ToArray();
        if (left is [])
            return $"all {runs.Length} runs are trained";
        if (work == 0)
            return $"{runs.Length} runs; how long they take is told once the first epoch has ended";
        var rest = left.Sum(run =>
        {
            var own = runs.Where(other => other.Row == run.Row && other.Steps > 0).ToArray();
            var perStep =
                own is []
                    ? seconds / work * Macs(run.Row)
                    : own.Sum(other => other.Seconds) / own.Sum(other => other.Steps);
            return perStep * (run.Row.Steps - run.Steps);
        });
        return Invariant(
            $"{left.Length} of {runs.Length} runs are left, about {rest / 60:0.#} minutes by the epochs so far"
        );
    }

    private static double Macs(SweepIndexRow row) => (double)row.Macs * row.Batch;
}
