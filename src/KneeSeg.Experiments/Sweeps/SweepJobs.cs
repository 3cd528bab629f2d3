using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using KneeSeg.Torch;

namespace KneeSeg.Experiments;

/// <summary>
/// Several sweeps of one folder side by side on this machine, each with its share of the cores: they share the runs as
/// sweeps on several machines do.
/// </summary>
public static class SweepJobs
{
    private const int Terminate = 15;

    /// <summary>Starts this program so many times, and waits.</summary>
    /// <param name="count">How many.</param>
    /// <param name="words">The command of each.</param>
    /// <param name="progress">Hears what they say.</param>
    /// <param name="cancel">Has each save and end.</param>
    /// <returns>The worst exit code.</returns>
    public static int Run(
        int count,
        IReadOnlyList<string> words,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        var threads = Math.Max(1, Processor.Cores / count);
        Process[] jobs = [.. Enumerable.Range(0, count).Select(_ => Start(words, threads))];
        using var _ = cancel.Register(() =>
        {
            foreach (var job in jobs)
                if (!job.HasExited)
                    Kill(job.Id, Terminate);
        });
        foreach (var (i, job) in jobs.Index())
        {
            job.ErrorDataReceived += (_, said) =>
            {
                if (said.Data is { } line)
                    progress.Say($"job {i + 1}: {line}");
            };
            job.BeginErrorReadLine();
            job.BeginOutputReadLine();
        }
        foreach (var job in jobs)
            job.WaitForExit();
        var worst = jobs.Max(job => job.ExitCode);
        foreach (var job in jobs)
            job.Dispose();
        return worst;
    }

    private static Process Start(IReadOnlyList<string> words, int threads) =>
        Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, words)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                Environment =
                {
                    ["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture),
                },
            }
        )!;

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
