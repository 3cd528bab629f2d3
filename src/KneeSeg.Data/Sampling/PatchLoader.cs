using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace KneeSeg.Data;

/// <summary>
/// Makes batches on a thread of its own, a few ahead of their use, and hands them over in order.
/// </summary>
public sealed class PatchLoader : IDisposable
{
    private readonly BlockingCollection<PatchBatch> ready;
    private readonly CancellationTokenSource stop = new();
    private readonly Thread producer;
    private ExceptionDispatchInfo? failure;

    /// <summary>Starts making batches.</summary>
    /// <param name="schedule">Which batches, in order; it may be without end.</param>
    /// <param name="make">Makes a batch, such as <see cref="PatchSampler.Batch"/>; called on one thread.</param>
    /// <param name="ahead">How many batches wait at most.</param>
    public PatchLoader(
        IEnumerable<(int Epoch, int Step)> schedule,
        Func<int, int, PatchBatch> make,
        int ahead = 3
    )
    {
        ready = new BlockingCollection<PatchBatch>(ahead);
        producer = new Thread(() => Produce(schedule, make))
        {
            IsBackground = true,
            Name = "patches",
        };
        producer.Start();
    }

    /// <summary>The next batch, or null when the schedule is over.</summary>
    /// <exception cref="ProblemException">Making it failed; all batches before it were handed over.</exception>
    public PatchBatch? Next()
    {
        if (ready.TryTake(out var batch, Timeout.Infinite))
            return batch;
        failure?.Throw();
        return null;
    }

    /// <summary>Stops the thread and waits for it.</summary>
    public void Dispose()
    {
        if (stop.IsCancellationRequested)
            return;
        stop.Cancel();
        producer.Join();
        ready.Dispose();
        stop.Dispose();
    }

    private void Produce(
        IEnumerable<(int Epoch, int Step)> schedule,
        Func<int, int, PatchBatch> make
    )
    {
        try
        {
            foreach (var (epoch, step) in schedule)
                ready.Add(make(epoch, step), stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            ready.CompleteAdding();
        }
    }
}
