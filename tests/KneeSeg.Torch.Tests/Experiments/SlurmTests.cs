using KneeSeg.Experiments;
using KneeSeg.Experiments.Slurm;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>What is written to Slurm and read from it.</summary>
public sealed class SlurmTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("1-3,5,7-8", 1, 2, 3, 5, 7, 8)]
    public void Tasks_are_written_as_ranges(string ranges, params int[] tasks) =>
        Assert.Equal(ranges, SlurmSubmission.Ranges(tasks));

    // As Slurm 22.05 printed them, but for fields that nothing reads.
    [Theory]
    [InlineData("PreemptTime=None RunTime=00:00:55 TimeLimit=00:02:00 TimeMin=N/A", false, 65)]
    [InlineData(
        "RunTime=00:00:04 TimeLimit=2-00:00:10 EndTime=2026-11-30T16:40:19 PreemptTime=2026-11-30T16:39:59",
        true,
        172806
    )]
    [InlineData("RunTime=1-00:00:00 TimeLimit=UNLIMITED PreemptTime=None", false, null)]
    public void What_is_planned_with_a_task_is_read_as_scontrol_writes_it(
        string line,
        bool isPreempted,
        int? seconds
    ) =>
        Assert.Equal(
            (isPreempted, (double?)seconds),
            (SlurmPlan.Parse(line).IsPreempted, SlurmPlan.Parse(line).TimeLeft?.TotalSeconds)
        );

    [Fact]
    public void A_log_tells_the_last_error_since_the_last_start()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(
            path,
            """
            12:00 task 3 starts, restarts so far: 0, on a
            slurmstepd: error: *** JOB 9 ON a CANCELLED AT 12:01 DUE TO PREEMPTION ***
            12:02 task 3 starts, restarts so far: 1, on b

            """
        );
        Assert.Null(SlurmLog.LastError(path));
        File.AppendAllText(path, "error: the loss is not finite\n  where  runs/a\n");
        Assert.Equal("the loss is not finite", SlurmLog.LastError(path));
        File.Delete(path);
    }

    [Fact]
    public void What_the_user_leaves_open_is_what_the_largest_unit_left_needs()
    {
        SlurmResources asked = new(2, null, null, null, null, false);
        var forecast = asked.For([new("a", false, 2_000_000_000, 3600), new("b", false, 0, 7200)]);
        Assert.Equal(3_300_000_000, forecast.Memory);
        // Half as much again, and ten minutes.
        Assert.Equal("03:10:00", forecast.Time);
        Assert.Null(asked.For([new("a", false, 0)]).Time);
        Assert.Equal("5", (asked with { Time = "5" }).For([new("a", false, 0, 7200)]).Time);
    }
}
