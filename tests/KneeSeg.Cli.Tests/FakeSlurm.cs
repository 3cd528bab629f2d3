using System.Diagnostics;

namespace KneeSeg.Cli.Tests;

/// <summary>
/// Slurm's commands as scripts on the PATH: they note how they were called, and say what is written into files beside them.
/// </summary>
internal sealed class FakeSlurm
{
    private readonly string folder;

    public FakeSlurm(string folder)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
        MaxArraySize = 1001;
        Queue = "";
        Script(
            "sbatch",
            "[ \"$*\" = --version ] || { echo \"$*\" | tee -a ids >>calls; echo $((10 + $(wc -l <ids))); }"
        );
        Script("squeue", "cat queue");
        Script(
            "scontrol",
            "case $* in *config) cat config ;; *'show job 11_1') cat plan ;; *) echo \"scontrol $*\" >>calls ;; esac"
        );
    }

    public int MaxArraySize
    {
        set => Write("config", $"MaxArraySize            = {value}\n");
    }

    /// <summary>The tasks in the queue: array, index, state, reason, node, time left.</summary>
    public string Queue
    {
        set => Write("queue", value);
    }

    /// <summary>What Slurm plans with task 11_1, whose limit is ten minutes.</summary>
    public string Plan
    {
        set => Write("plan", $"JobId=21 TimeLimit=00:10:00 {value}\n");
    }

    /// <summary>How sbatch was called, and scontrol to change something; then forgotten.</summary>
    public string[] Calls()
    {
        var calls = File.Exists(At("calls")) ? File.ReadAllLines(At("calls")) : [];
        File.WriteAllText(At("calls"), "");
        return calls;
    }

    public Answer Run(params string[] words) =>
        Kneeseg.AwaitEnd(Start([Kneeseg.Program, .. words]));

    /// <summary>Starts a task of a job script as Slurm does.</summary>
    public Process Task(string script, int index) =>
        Start([
            $"SLURM_ARRAY_TASK_ID={index}",
            "SLURM_ARRAY_JOB_ID=11",
            $"SLURM_JOB_ID={20 + index}",
            "SLURM_CPUS_PER_TASK=1",
            "bash",
            script,
            "0",
        ]);

    private Process Start(string[] words) =>
        Kneeseg.Launch([$"PATH={folder}:{Environment.GetEnvironmentVariable("PATH")}", .. words]);

    private void Script(string name, string text)
    {
        Write(name, $"#!/bin/sh\ncd {folder} || exit\n{text}\n");
        Process.Start("chmod", ["+x", At(name)]).WaitForExit();
    }

    private void Write(string name, string text) => File.WriteAllText(At(name), text);

    private string At(string name) => Path.Combine(folder, name);
}
