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
        var run = RunFolder.At(Path.Combine(folder, "run"));
        using (run.Lock())
        {
            var problem = Assert.Throws<ProblemException>(() => run.Lock());
            Assert.Equal(ExitCode.Resources, problem.Exit);
            Assert.Contains("another process", problem.Message);
        }
        run.Lock().Dispose();
    }

    [Fact]
    public void A_folder_without_a_run_is_no_run_folder() =>
        Assert.Equal(
            ExitCode.Data,
            Assert.Throws<ProblemException>(() => RunFolder.Open(folder)).Exit
        );

    [Fact]
    public void A_log_comes_back_but_for_a_line_that_was_cut()
    {
        var path = Path.Combine(folder, "log.jsonl");
        EpochRecord[] log =
        [
            new(1, 10, 1.5, 1e-3, 2.25, null),
            new(2, 20, 1.25, 5e-4, 2.5, new ValidationRecord([0.5, null], 0.5)),
        ];
        RunLog.Write(path, log);
        Assert.Equivalent(log, RunLog.Read(path));
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text[..^7]);
        Assert.Equivalent(log[..1], RunLog.Read(path));
    }
}
