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
    /// How long what is left takes, from the epochs that are done. A row goes by its own seconds a step; one without any by
    /// those of the others: at least their mean, where steps cost the same, at most theirs by multiply-accumulates.
    /// </summary>
    public static string Of(string folder, SweepIndex index)
    {
        var runs = index
            .Rows.SelectMany(row => row.Runs.Select(run => (Row: row, run.Name)))
            .DistinctBy(run => run.Name)
            .Select(run => new Spent(
                run.Row,
                RunLog.Read(RunFolder.At(SweepIndex.RunOf(folder, run.Name)).LogFile)
            ))
            .ToArray();
        var left = runs.Where(run => run.Steps < run.Row.Steps).ToArray();
        if (left is [])
            return $"all {runs.Length} runs are trained";
        var begun = runs.Where(run => run.Steps > 0).ToArray();
        if (begun is [])
            return $"{runs.Length} runs; how long they take is told once one has ended";
        var (low, high) = (0.0, 0.0);
        foreach (var run in left)
        {
            var own = begun.Where(other => other.Row == run.Row).ToArray();
            double[] perStep = own is []
                ? [PerStep(begun), PerMac(begun) * Macs(run.Row)]
                : [PerStep(own)];
            low += perStep.Min() * (run.Row.Steps - run.Steps);
            high += perStep.Max() * (run.Row.Steps - run.Steps);
        }
        return Invariant(
            $"{left.Length} of {runs.Length} runs are left: {low / 60:0.0} to {high / 60:0.0} minutes of training, going by the epochs so far"
        );
    }

    private static double PerStep(Spent[] runs) =>
        runs.Sum(run => run.Seconds) / runs.Sum(run => run.Steps);

    private static double PerMac(Spent[] runs) =>
        runs.Sum(run => run.Seconds) / runs.Sum(run => run.Steps * Macs(run.Row));

    private static double Macs(SweepIndexRow row) => (double)row.Macs * row.Batch;

    private sealed record Spent(SweepIndexRow Row, IReadOnlyList<EpochRecord> Log)
    {
        public double Seconds => Log.Sum(epoch => epoch.Seconds);

        public long Steps => Log is [.., var last] ? last.Step : 0;
    }
}
