using KneeSeg.Reports.Sweeps;
using KneeSeg.Runs;
using static System.FormattableString;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>The cost of a sweep, printed before it starts and after each run.</summary>
internal static class SweepEstimate
{
    /// <summary>One line per row: parameters, multiply-accumulates, memory, steps.</summary>
    public static IEnumerable<string> Table(SweepIndex index) =>
        index.Rows.Select(row =>
            Invariant(
                $"{row.Name}: {row.Parameters} parameters, {row.Macs / 1e9:0.000} GMACs, {row.Memory / 1e6:0} MB peak memory, {row.Runs.Count} × {row.Steps} steps"
            )
        );

    /// <summary>
    /// The remaining time, from the finished epochs. A row is estimated from its own time per step; one without any from the
    /// other rows, by steps and by multiply-accumulates, which gives a range.
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
            return $"all {runs.Length} runs are finished";
        var begun = runs.Where(run => run.Steps > 0).ToArray();
        if (begun is [])
            return $"{runs.Length} runs left; the remaining time is estimated after the first";
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
            $"{left.Length} of {runs.Length} runs left, about {low / 60:0.0} to {high / 60:0.0} minutes of training"
        );
    }

    private static double PerStep(Spent[] runs) =>
        runs.Sum(run => run.Seconds) / runs.Sum(run => run.Steps);

    private static double PerMac(Spent[] runs) =>
        runs.Sum(run => run.Seconds) / runs.Sum(run => run.Steps * Macs(run.Row));

    private static double Macs(SweepRow row) => (double)row.Macs * row.Batch;

    private sealed record Spent(SweepRow Row, IReadOnlyList<EpochRecord> Log)
    {
        public double Seconds => Log.Sum(epoch => epoch.Seconds);

        public long Steps => Log is [.., var last] ? last.Step : 0;
    }
}
