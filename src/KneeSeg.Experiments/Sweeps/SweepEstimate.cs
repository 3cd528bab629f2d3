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

    /// <summary>The remaining time, from the finished epochs.</summary>
    public static string Of(string folder, SweepIndex index)
    {
        var runs = Runs(folder, index);
        var left = runs.Where(run => run.Steps < run.Row.Steps).ToArray();
        if (left is [])
            return $"all {runs.Length} runs are finished";
        if (!runs.Any(run => run.Steps > 0))
            return $"{runs.Length} runs left; the remaining time is estimated after the first";
        var ranges = left.Select(run => Left(run, runs)).ToArray();
        var (low, high) = (ranges.Sum(one => one.Low), ranges.Sum(one => one.High));
        return Invariant(
            $"{left.Length} of {runs.Length} runs left, about {low / 60:0.0} to {high / 60:0.0} minutes of training"
        );
    }

    /// <summary>The seconds of training that each run has left, at most, by its name; none before the first epoch of any run.</summary>
    public static IReadOnlyDictionary<string, double> Seconds(string folder, SweepIndex index)
    {
        var runs = Runs(folder, index);
        return runs.Any(run => run.Steps > 0)
            ? runs.ToDictionary(run => run.Name, run => Left(run, runs).High)
            : new Dictionary<string, double>();
    }

    private static Spent[] Runs(string folder, SweepIndex index) =>
        [
            .. index
                .Rows.SelectMany(row => row.Runs.Select(run => (Row: row, run.Name)))
                .DistinctBy(run => run.Name)
                .Select(run => new Spent(
                    run.Row,
                    run.Name,
                    RunLog.Read(RunFolder.At(SweepIndex.RunOf(folder, run.Name)).LogFile)
                )),
        ];

    // From its own row's time per step; for a row without any from the other rows', by steps and by multiply-accumulates.
    private static (double Low, double High) Left(Spent run, Spent[] runs)
    {
        var begun = runs.Where(other => other.Steps > 0).ToArray();
        var own = begun.Where(other => other.Row == run.Row).ToArray();
        double[] perStep = own is []
            ? [PerStep(begun), PerMac(begun) * Macs(run.Row)]
            : [PerStep(own)];
        var steps = run.Row.Steps - run.Steps;
        return (perStep.Min() * steps, perStep.Max() * steps);
    }

    private static double PerStep(Spent[] runs) =>
        runs.Sum(run => run.Seconds) / runs.Sum(run => run.Steps);

    private static double PerMac(Spent[] runs) =>
        runs.Sum(run => run.Seconds) / runs.Sum(run => run.Steps * Macs(run.Row));

    private static double Macs(SweepRow row) => (double)row.Macs * row.Batch;

    private sealed record Spent(SweepRow Row, string Name, IReadOnlyList<EpochRecord> Log)
    {
        public double Seconds => Log.Sum(epoch => epoch.Seconds);

        public long Steps => Log is [.., var last] ? last.Step : 0;
    }
}
