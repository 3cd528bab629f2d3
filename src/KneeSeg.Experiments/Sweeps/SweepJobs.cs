using System.Globalization;
using KneeSeg.Torch.Native;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>
/// Parallel sweeps of one folder on this machine, each with a part of the cores. They share the runs as sweeps on several
/// machines do.
/// </summary>
public static class SweepJobs
{
    /// <summary>The threads of each of several processes.</summary>
    /// <param name="count">Number of processes.</param>
    public static int Threads(int count) => Math.Max(1, Processor.Cores / count);

    /// <summary>Starts this program several times and waits for all.</summary>
    /// <param name="count">Number of processes.</param>
    /// <param name="words">The command line of each.</param>
    /// <param name="progress">Receives their output.</param>
    /// <param name="cancel">Makes each save and exit.</param>
    /// <returns>The worst exit code.</returns>
    public static int Run(
        int count,
        IReadOnlyList<string> words,
        IProgressSink progress,
        CancellationToken cancel
    )
    {
        ChildProcess[] jobs =
        [
            .. Enumerable.Range(0, count).Select(_ => Start(words, Threads(count))),
        ];
        using var _ = cancel.Register(() =>
        {
            foreach (var job in jobs)
                job.Terminate();
        });
        Task[] reading =
        [
            .. jobs.Index()
                .Select(job =>
                    Task.Run(() => Forward(job.Item.Errors, $"job {job.Index + 1}", progress))
                ),
            .. jobs.Select(job => job.Output.ReadToEndAsync()),
        ];
        var worst = jobs.Max(job => job.WaitForExit());
        Task.WaitAll(reading);
        foreach (var job in jobs)
            job.Dispose();
        return worst;
    }

    private static void Forward(StreamReader errors, string job, IProgressSink progress)
    {
        while (errors.ReadLine() is { } line)
            progress.Say($"{job}: {line}");
    }

    private static ChildProcess Start(IReadOnlyList<string> words, int threads) =>
        ChildProcess.Start(
            Environment.ProcessPath!,
            words,
            KeyValuePair.Create("OMP_NUM_THREADS", threads.ToString(CultureInfo.InvariantCulture))
        )!;
}
