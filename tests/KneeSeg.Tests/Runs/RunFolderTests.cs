using KneeSeg.Runs;

namespace KneeSeg.Tests.Runs;

/// <summary>Run folders: one process at a time, and logs that survive a kill.</summary>
public sealed class RunFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_folder_that_is_trained_in_is_refused_until_that_ends()
    {
        var run = Path.Combine(folder, "run");
        using (RunLock.Take(run))
        {
            var problem = Assert.Throws<ProblemException>(() => RunLock.Take(run));
            Assert.Equal(ExitCode.Resources, problem.Exit);
            Assert.Contains($"by process {Environment.ProcessId} on", problem.What);
        }
        using var again = RunLock.Take(run);
        Assert.Null(again.Left);
    }

    [Fact]
    public void The_lock_of_a_killed_process_is_taken_over_and_reported()
    {
        File.WriteAllText(Path.Combine(folder, ".owner"), "process 7 on elsewhere");
        using var taken = RunLock.Take(folder);
        Assert.Equal("process 7 on elsewhere", taken.Left);
    }

    [Fact]
    public void A_folder_that_can_t_be_is_refused()
    {
        var file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");
        Assert.Equal(
            ExitCode.Resources,
            Assert.Throws<ProblemException>(() => RunLock.Take(Path.Combine(file, "run"))).Exit
        );
    }

    [Fact]
    public void A_start_reports_what_may_change_results()
    {
        var start = new RunStart("knees", "bf16", "cpu", 2);
        start.Write(Path.Combine(folder, "start.json"));
        var back = RunStart.Read(Path.Combine(folder, "start.json"))!;
        Assert.Null(back.Difference(start with { Data = "elsewhere" }));
        Assert.Equal(
            "in fp32 on 2 threads of cpu and not in bf16 on 2 threads of cpu",
            (start with { Precision = "fp32" }).Difference(back)
        );
    }

    [Fact]
    public void A_folder_without_a_run_is_not_a_run_folder() =>
        Assert.Equal(
            ExitCode.Data,
            Assert.Throws<ProblemException>(() => RunFolder.Open(folder)).Exit
        );

    [Fact]
    public void A_log_is_read_back_except_a_truncated_line()
    {
        var path = Path.Combine(folder, "log.jsonl");
        EpochRecord[] log =
        [
            new(1, 10, 1.5, 1e-3, 2.25, null) { Losses = [1.25, 1.75], DataShare = 0.25 },
            new(2, 20, 1.25, 5e-4, 2.5, new ValidationRecord([0.5, null], 0.5)),
        ];
        RunLog.Write(path, log);
        Assert.Equivalent(log, RunLog.Read(path));
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text[..^7]);
        Assert.Equivalent(log[..1], RunLog.Read(path));
    }
}
