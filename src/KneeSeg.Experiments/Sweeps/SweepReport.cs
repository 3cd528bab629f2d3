using KneeSeg.Evaluation;
using KneeSeg.Reports.Sweeps;
using KneeSeg.Runs;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>Makes a sweep's tables from its folder.</summary>
public static class SweepReport
{
    /// <summary>Writes the tables; the same runs give the same bytes.</summary>
    /// <param name="folder">The sweep's folder.</param>
    /// <exception cref="ProblemException">Not a sweep folder (exit 3), or it cannot be written (exit 6).</exception>
    public static void Write(string folder) => SweepTables.Write(folder, Gather(folder));

    /// <summary>The results so far.</summary>
    /// <exception cref="ProblemException">Not a sweep folder (exit 3).</exception>
    internal static SweepResult Gather(string folder)
    {
        var index = SweepIndex.Read(folder);
        return new(
            index.Name,
            index.Rows,
            index
                .Rows.SelectMany(row => row.Runs)
                .Select(run => run.Name)
                .Distinct()
                .ToDictionary(run => run, run => Result(folder, SweepIndex.RunOf(folder, run)))
        )
        {
            Search = SearchRecord.RowsIn(folder).ToDictionary(row => row.Row),
        };
    }

    private static SweepRunResult Result(string folder, string run)
    {
        var epochs = RunLog.Read(RunFolder.At(run).LogFile);
        var failure = RunFailure.Read(run);
        var numbers = Path.Combine(run, EvaluationJob.FileName);
        return new(
            failure is not null ? RunProgress.Failed
                : WorkUnit.IsTrained(run) ? RunProgress.Finished
                : epochs.Count > 0 ? RunProgress.Begun
                : RunProgress.Waiting,
            failure is null ? "" : $"{failure.Where}: {failure.What}",
            epochs,
            File.Exists(numbers) ? EvaluationSummary.Load(numbers) : null
        )
        {
            Pictures = RunPictures.Of(folder, RunFolder.At(run), epochs),
        };
    }
}
