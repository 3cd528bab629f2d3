using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace KneeSeg.Data.Patches;

/// <summary>
/// Prefetches batches in order on a background thread.
/// </summary>
public sealed class PatchLoader : IDisposable
{
    private readonly BlockingCollection<PatchBatch> ready;
    private readonly CancellationTokenSource stop = new();
    private readonly Thread producer;
    private ExceptionDispatchInfo? failure;

    /// <summary>Starts prefetching.</summary>
    /// <param name="schedule">The batches in order; may be infinite.</param>
    /// <param name="make">Makes a batch, such as <see cref="PatchSampler.Batch"/>; called on one thread.</param>
    /// <param name="ahead">The largest number of prefetched batches.</param>
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

    /// <summary>The next batch, or null at the end of the schedule.</summary>
    /// <exception cref="ProblemException">Making it failed; earlier batches have been returned.</exception>
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
