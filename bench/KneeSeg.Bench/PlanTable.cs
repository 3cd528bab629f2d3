using System.Globalization;
using System.Text.Json;
using KneeSeg.Evaluation;
using KneeSeg.Experiments;
using KneeSeg.Runs;
using static System.FormattableString;

namespace KneeSeg.Bench;

/// <summary>What plans announced and what came of them: the table of <c>bench/plan.sh</c>, which trains them.</summary>
internal static class PlanTable
{
    /// <param name="folder">Has a folder for each set.</param>
    public static void Run(string folder)
    {
        Console.WriteLine(
            "| data | limit | network | patch | announced | measured | | seconds a step, announced | measured | | minutes | test Dice | of `lean.fsx` |"
        );
        Console.WriteLine("|---|--:|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var set in Directory.GetDirectories(folder).Order())
        foreach (
            var plan in Directory
                .GetDirectories(set)
                .Where(plan => File.Exists(Path.Combine(plan, "peak")))
                .Where(plan => new DirectoryInfo(plan).LinkTarget is null)
                .OrderBy(plan => double.Parse(Path.GetFileName(plan), CultureInfo.InvariantCulture))
        )
            Console.WriteLine(Row(set, plan));
    }

    private static string Row(string set, string plan)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(plan, "plan.json")));
        var root = json.RootElement;
        var announced = root.GetProperty("memoryBytes").GetInt64();
        var peak = long.Parse(
            File.ReadAllText(Path.Combine(plan, "peak")),
            CultureInfo.InvariantCulture
        );
        var step = root.GetProperty("estimatedStepSeconds").GetDouble();
        var second = RunLog.Read(RunFolder.At(Path.Combine(plan, "probe")).LogFile)[1];
        var measured = second.Seconds / second.Losses.Count;
        var run = Path.Combine(plan, "run");
        var minutes = RunLog.Read(RunFolder.At(run).LogFile).Sum(epoch => epoch.Seconds) / 60;
        string[] words =
        [
            .. root.GetProperty("decisions")
                .EnumerateArray()
                .Where(one =>
                    one.GetProperty("what").GetString() is "blocks" or "first level" or "width"
                )
                .Select(one => one.GetProperty("chosen").GetString()!),
        ];
        return Invariant(
            $"| {Path.GetFileName(set)} | {Path.GetFileName(plan)} GB | {string.Join(", ", words)} | {string.Join('×', root.GetProperty("patch").EnumerateArray())} | {ByteSize.Of(announced)} | {ByteSize.Of(peak)} | {(double)peak / announced - 1:+0%;−0%} | {step:0.000} | {measured:0.000} | {measured / step - 1:+0%;−0%} | {minutes:0.0} | {Dice(run):0.000} | {Dice(Path.Combine(set, "lean")):0.000} |"
        );
    }

    private static double? Dice(string run) =>
        EvaluationSummary.Load(Path.Combine(run, EvaluationJob.FileName)).MeanDice;
}
