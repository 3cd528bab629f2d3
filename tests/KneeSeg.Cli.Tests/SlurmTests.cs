using System.Diagnostics;
using System.Text.Json;

namespace KneeSeg.Cli.Tests;

/// <summary>Work that is divided between the tasks of a cluster. <c>bench/slurm</c> does the same with a real Slurm.</summary>
public sealed class SlurmTests(Workshop workshop) : IClassFixture<Workshop>
{
    private string Sweep(string name, int repeats, int epochs) =>
        workshop.Write(
            $"{name}.json",
            $$"""
            { "name": "s", "recipe": "published-vnet", "set": { "epochs": {{epochs}}, "stepsPerEpoch": 2 }, "patch": "16x16x16",
              "rows": [ { "name": "tiny", "spec": "tiny-vnet", "repeats": {{repeats}} } ] }
            """
        );

    private static JsonElement[] List(FakeSlurm slurm, string folder) =>
        [
            .. JsonDocument
                .Parse(slurm.Run("list", folder, "--json").IsDone().Output)
                .RootElement.EnumerateArray(),
        ];

    private static string Text(JsonElement run, string field) =>
        run.TryGetProperty(field, out var value) ? value.GetString()! : "";

    [Fact]
    public void A_sweep_is_one_array_job_and_a_second_call_submits_what_is_left()
    {
        FakeSlurm slurm = new(workshop.At("slurm-a"));
        var file = Sweep("array", repeats: 3, epochs: 1);
        var folder = workshop.At("array out");
        string[] work = ["sweep", file, "--data", workshop.Knees, "--out", folder];
        string[] words = [.. work, "--slurm", "--partition", "low", "--time", "10", "--cpus", "3"];

        slurm.Run([.. words, "--max", "2"]).IsDone();
        Assert.Equal(
            [
                $"--parsable --array=1-3%2 {folder}/slurm/job.sh 0",
                $"--parsable --dependency=afterany:11 {folder}/slurm/gather.sh",
            ],
            slurm.Calls()
        );
        var script = File.ReadAllLines(Path.Combine(folder, "slurm", "job.sh"));
        foreach (
            var line in new[]
            {
                $"#SBATCH --output=\"{folder}/slurm/%A_%a.log\"",
                "#SBATCH --open-mode=append",
                "#SBATCH --partition=low",
                "#SBATCH --cpus-per-task=3",
                "#SBATCH --time=10",
                "#SBATCH --requeue",
                "#SBATCH --signal=B:TERM@60",
            }
        )
            Assert.Contains(line, script);
        Assert.Equal(
            $"exec {Kneeseg.Program} sweep {file} --data {workshop.Knees} --out '{folder}' --shard \"$task/3\"",
            script[^1]
        );
        using (var index = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "sweep.json"))))
            Assert.Equal(3, index.RootElement.GetProperty("threads").GetInt32());

        Kneeseg.AwaitEnd(slurm.Task(Path.Combine(folder, "slurm", "job.sh"), 2)).IsDone();
        slurm.Queue = "11|1|RUNNING|None|node7|1:30\n11|3|PENDING|Resources||10:00\n";
        var runs = List(slurm, folder);
        Assert.Equal(
            ["runs/tiny-r1", "runs/tiny-r2", "runs/tiny-r3"],
            runs.Select(run => Text(run, "name"))
        );
        Assert.Equal(["running", "finished", "pending"], runs.Select(run => Text(run, "state")));
        Assert.Equal(("node7", "1:30"), (Text(runs[0], "node"), Text(runs[0], "timeLeft")));
        Assert.Equal("Resources", Text(runs[2], "reason"));
        Assert.Contains("nothing to submit", slurm.Run(words).IsDone().Output);
        Assert.Empty(slurm.Calls());

        slurm.Queue = "11|1|RUNNING|None|node7|1:30\n11|3|OUT_OF_MEMORY|OutOfMemory|node7|0:00\n";
        runs = List(slurm, folder);
        Assert.Equal(
            ("failed", "out of memory"),
            (Text(runs[2], "state"), Text(runs[2], "reason"))
        );
        Assert.Contains("from the steps so far", slurm.Run([.. work, "--slurm"]).IsDone().Output);
        Assert.StartsWith("--parsable --array=3 ", slurm.Calls()[0]);

        slurm
            .Run([.. work, "--gather"])
            .IsProblem(ExitCode.Data, "2 of 3", "runs/tiny-r1, runs/tiny-r3");
        Assert.Contains(
            "tiny,tiny-r2,2,finished,",
            File.ReadAllText(Path.Combine(folder, "runs.csv"))
        );
    }

    [Fact]
    public void A_task_is_requeued_when_preempted_and_at_its_time_limit_but_not_when_cancelled_nor_forever()
    {
        FakeSlurm slurm = new(workshop.At("slurm-b"));
        var folder = workshop.At("limited");
        slurm
            .Run(
                "sweep",
                Sweep("limited", repeats: 1, epochs: 5000),
                "--data",
                workshop.Knees,
                "--out",
                folder,
                "--slurm"
            )
            .IsDone();
        slurm.Calls();
        var note = Path.Combine(folder, "slurm", "task-1.json");

        Answer Signalled(params string[] before)
        {
            var task = slurm.Task(Path.Combine(folder, "slurm", "job.sh"), 1);
            foreach (var line in before)
                while (!task.StandardError.ReadLine()!.Contains(line, StringComparison.Ordinal))
                    continue;
            Process.Start("kill", ["-TERM", $"{task.Id}"]).WaitForExit();
            return Kneeseg.AwaitEnd(task);
        }

        slurm.Plan = "RunTime=00:02:00 PreemptTime=2026-11-30T16:39:59";
        var preempted = Signalled("epoch ");
        Assert.Equal(143, preempted.Exit);
        Assert.Contains("progress is saved", preempted.Error);
        Assert.Equal(["scontrol requeue 11_1"], slurm.Calls());
        slurm.Queue = "11|1|PENDING|BeginTime||10:00\n";
        Assert.Equal("preempted", Text(List(slurm, folder)[0], "state"));

        slurm.Plan = "RunTime=00:08:50 PreemptTime=None";
        var limited = Signalled("resuming after step", "epoch ");
        Assert.Equal(143, limited.Exit);
        Assert.Contains("70 s away", limited.Error);
        Assert.Equal(["scontrol requeue 11_1"], slurm.Calls());
        Assert.Equal("pending", Text(List(slurm, folder)[0], "state"));

        slurm.Plan = "RunTime=00:02:00 PreemptTime=None";
        Assert.Equal(143, Signalled("epoch ").Exit);
        Assert.Empty(slurm.Calls());

        slurm.Plan = "RunTime=00:08:50 PreemptTime=None";
        // It has already come back twice without a step.
        File.WriteAllText(note, """{ "stopped": "time limit", "restarts": 2 }""");
        Signalled("run 1/1").IsProblem(ExitCode.Resources, "3 times", "runs/tiny-r1", "--time");
        Assert.Empty(slurm.Calls());
        slurm.Queue = "";
        var failed = List(slurm, folder)[0];
        Assert.Equal("failed", Text(failed, "state"));
        Assert.Contains("time limit 3 times", Text(failed, "reason"));
    }

    [Fact]
    public void A_prediction_is_a_task_for_each_image_in_as_many_arrays_as_it_takes()
    {
        FakeSlurm slurm = new(workshop.At("slurm-c")) { MaxArraySize = 3 };
        var folder = workshop.At("shards of images");
        string[] work =
        [
            "predict",
            workshop.Trained,
            .. Enumerable
                .Range(1, 3)
                .Select(i => Path.Combine(workshop.Knees, "images", $"knee-000{i}.nii.gz")),
            "--out",
            folder,
        ];
        slurm.Run([.. work, "--shard", "2/3"]).IsDone();
        Assert.Equal(
            ["knee-0002.nii.gz"],
            Directory.GetFiles(folder, "*.nii.gz").Select(Path.GetFileName)
        );

        var dry = slurm.Run([.. work, "--slurm", "--dry-run", "--max", "8"]).IsDone();
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "slurm", "job.sh")), dry.Output);
        Assert.Contains($"sbatch --array=1%8 '{folder}/slurm/job.sh' 2", dry.Error);
        Assert.Empty(slurm.Calls());

        slurm.Run([.. work, "--slurm", "--max", "8"]).IsDone();
        Assert.Equal(
            [
                $"--parsable --array=1%8 {folder}/slurm/job.sh 0",
                $"--parsable --dependency=afterany:11 --array=1%8 {folder}/slurm/job.sh 2",
                $"--parsable --dependency=afterany:11:12 {folder}/slurm/gather.sh",
            ],
            slurm.Calls()
        );
        var gathered = slurm.Run([.. work, "--gather"]);
        gathered.IsProblem(ExitCode.Data, "2 of 3", "knee-0001, knee-0003");
        Assert.Contains("1 of 3 predicted", gathered.Output);
    }

    [Fact]
    public void Flags_that_do_not_fit_and_a_machine_without_Slurm_are_named()
    {
        string[] work =
        [
            "sweep",
            Sweep("none", repeats: 1, epochs: 1),
            "--data",
            workshop.Knees,
            "--out",
            workshop.At("none"),
        ];
        Kneeseg.Run([.. work, "--partition", "low"]).IsProblem(ExitCode.Usage, "--slurm");
        Kneeseg.Run([.. work, "--slurm", "--shard", "1/2"]).IsProblem(ExitCode.Usage, "--shard");
        Kneeseg
            .AwaitEnd(Kneeseg.Launch(["PATH=/nowhere", Kneeseg.Program, .. work, "--slurm"]))
            .IsProblem(ExitCode.Resources, "not on the PATH", "--dry-run");
    }
}
