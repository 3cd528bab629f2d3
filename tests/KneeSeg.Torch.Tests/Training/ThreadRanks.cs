using KneeSeg.Training.Parallel;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>
/// Ranks as threads of this process. They compute in turns, each until it waits for others, because libtorch's random generator
/// belongs to the process.
/// </summary>
internal sealed class ThreadRanks : Ranks
{
    private readonly Meeting meeting;
    private readonly CancellationToken cancel;
    private int gathers;
    private int scatters;
    private int gradients;
    private int step;
    private bool isGathering;

    private ThreadRanks(Meeting meeting, int rank, CancellationToken cancel)
        : base(cancel)
    {
        (this.meeting, Rank, this.cancel) = (meeting, rank, cancel);
        Meet();
    }

    public override int Rank { get; }

    public override int Count => meeting.Count;

    /// <summary>The step, from 0, in whose backward pass this rank dies; none by default.</summary>
    public int DiesAt { get; set; } = -1;

    /// <summary>Runs work as several ranks; where one throws, the others are cancelled, as by a launcher.</summary>
    /// <returns>What each threw; null if nothing.</returns>
    public static Exception?[] Run(int count, Action<ThreadRanks, CancellationToken> work)
    {
        using var cancel = new CancellationTokenSource();
        var meeting = new Meeting(count);
        var thrown = new Exception?[count];
        Thread[] threads =
        [
            .. Enumerable
                .Range(0, count)
                .Select(rank => new Thread(() =>
                {
                    lock (meeting)
                        try
                        {
                            using var ranks = new ThreadRanks(meeting, rank, cancel.Token);
                            work(ranks, cancel.Token);
                        }
                        catch (Exception e)
                        {
                            thrown[rank] = e;
                            cancel.Cancel();
                            Monitor.PulseAll(meeting);
                        }
                })),
        ];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return thrown;
    }

    public override void Dispose() { }

    internal override unsafe IExchange AllToAll(nint send, nint receive, int block)
    {
        if (isGathering)
            step++;
        isGathering = false;
        if (step == DiesAt)
            throw new InvalidOperationException("killed");
        var all = Numbers(send, Count * block).ToArray();
        return new Exchange(
            meeting.Post($"scatter {scatters++}", Rank, all),
            others =>
            {
                for (var rank = 0; rank < Count; rank++)
                    ((float[])others[rank]!)
                        .AsSpan(Rank * block, block)
                        .CopyTo(Numbers(receive, Count * block)[(rank * block)..]);
            }
        );
    }

    internal override unsafe IExchange AllGather(nint blocks, int block)
    {
        isGathering = true;
        return new Exchange(
            meeting.Post(
                $"gather {gradients++}",
                Rank,
                Numbers(blocks, Count * block).Slice(Rank * block, block).ToArray()
            ),
            others =>
            {
                for (var rank = 0; rank < Count; rank++)
                    ((float[])others[rank]!).CopyTo(
                        Numbers(blocks, Count * block)[(rank * block)..]
                    );
            }
        );
    }

    internal override void Wait(IExchange exchange)
    {
        while (!exchange.IsDone())
        {
            cancel.ThrowIfCancellationRequested();
            Monitor.Wait(meeting);
        }
    }

    private protected override byte[][] Gather(byte[] own)
    {
        var posted = meeting.Post($"message {gathers++}", Rank, own);
        Wait(new Exchange(posted, _ => { }));
        return Array.ConvertAll(posted, one => (byte[])one!);
    }

    private static unsafe Span<float> Numbers(nint address, int count) =>
        new((void*)address, count);

    /// <summary>What ranks have posted, by exchange.</summary>
    private sealed class Meeting(int count)
    {
        private readonly Dictionary<string, object?[]> posted = [];

        public int Count => count;

        public object?[] Post(string exchange, int rank, object own)
        {
            if (!posted.TryGetValue(exchange, out var all))
                posted[exchange] = all = new object?[count];
            all[rank] = own;
            Monitor.PulseAll(this);
            return all;
        }
    }

    private sealed class Exchange(object?[] posted, Action<object?[]> receive) : IExchange
    {
        private bool isDone;

        public bool IsDone()
        {
            if (isDone || posted.Contains(null))
                return isDone;
            receive(posted);
            return isDone = true;
        }
    }
}
