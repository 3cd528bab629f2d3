using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using KneeSeg.Dsl;

namespace KneeSeg.Training.Parallel;

/// <summary>
/// The processes ("ranks", in MPI's words) that train one network together, of which this is one. All of them run the same code
/// in the same order; the first alone writes and reports.
/// </summary>
public abstract class Ranks : IDisposable
{
    private readonly CancellationToken cancel;
    private string[] machines = [Environment.MachineName];

    private protected Ranks(CancellationToken cancel) => this.cancel = cancel;

    /// <summary>A process that trains without others.</summary>
    public static Ranks Alone { get; } = new OneRank();

    /// <summary>Joins the processes that a launcher such as <c>mpirun</c> or <c>srun</c> started together with this one.</summary>
    /// <param name="cancel">Ends waiting for others.</param>
    /// <returns>Dispose it at the end; <see cref="Alone"/> if no launcher started several.</returns>
    /// <exception cref="ProblemException">There is no MPI library, or it does not know of the other processes (exit 6).</exception>
    public static Ranks Join(CancellationToken cancel)
    {
        if (Launcher.Find(Environment.GetEnvironmentVariable) is not { Processes: > 1 } launcher)
            return Alone;
        MpiLibrary.Load(launcher);
        var ranks = new MpiRanks(launcher, cancel);
        ranks.Meet();
        return ranks;
    }

    /// <summary>The number of this process, from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>How many there are.</summary>
    public abstract int Count { get; }

    /// <summary>Whether this is the one that writes and reports.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>How many run on this machine.</summary>
    internal int OnThisMachine => machines.Count(one => one == machines[Rank]);

    /// <summary>Whether this is the first on its machine.</summary>
    internal bool IsFirstOnMachine => Array.IndexOf(machines, machines[Rank]) == Rank;

    /// <summary>Whether all ranks are at the same point, so that they can leave in order.</summary>
    private protected bool IsOrderly { get; private set; }

    /// <summary>Does work on every rank. Where one fails, all do: the first throws the problem and reports it.</summary>
    /// <param name="work">What this rank does.</param>
    /// <returns>This rank's result, once all have theirs.</returns>
    /// <exception cref="ProblemException">A rank failed; this is the first.</exception>
    /// <exception cref="ReportedByFirstRankException">A rank failed; this is another.</exception>
    public T Together<T>(Func<T> work)
    {
        T? result = default;
        _ = Gather(() =>
        {
            result = work();
            return [];
        });
        return result!;
    }

    /// <summary>Work as <see cref="Together"/> does it, whose results all ranks receive.</summary>
    /// <returns>The ranks' results, in order.</returns>
    internal byte[][] Gather(Func<byte[]> work)
    {
        if (Count == 1)
            return [work()];
        ExceptionDispatchInfo? own = null;
        byte[] message;
        try
        {
            message = [0, .. work()];
        }
        catch (Exception e) when (e is ProblemException or SpecException)
        {
            own = ExceptionDispatchInfo.Capture(e);
            message = [1, .. JsonSerializer.SerializeToUtf8Bytes(Failure.Of(e))];
        }
        var all = Gather(message);
        if (own is not null && IsFirst)
        {
            IsOrderly = true;
            own.Throw();
        }
        var failed = Array.FindIndex(all, one => one[0] == 1);
        if (failed >= 0)
            throw Failed(
                JsonSerializer.Deserialize<Failure>(all[failed].AsSpan(1))!.Problem(Name(failed))
            );
        return [.. all.Select(one => one[1..])];
    }

    /// <summary>Every rank's number.</summary>
    internal IEnumerable<long> All(long own) =>
        Gather(() => BitConverter.GetBytes(own)).Select(bytes => BitConverter.ToInt64(bytes));

    /// <summary>What the first rank's work gives, on every rank.</summary>
    internal T FromFirst<T>(Func<T> work)
    {
        T? own = default;
        var all = Gather(() =>
        {
            if (!IsFirst)
                return [];
            own = work();
            return Count == 1
                ? []
                : JsonSerializer.SerializeToUtf8Bytes(own, JsonSerializerOptions.Web);
        });
        return IsFirst ? own! : JsonSerializer.Deserialize<T>(all[0], JsonSerializerOptions.Web)!;
    }

    /// <summary>Ends all ranks unless a text is the same on each.</summary>
    /// <param name="text">This rank's.</param>
    /// <param name="problem">Makes the problem of a rank's name, its text, and the first's.</param>
    internal void Agree(string text, Func<string, string, string, ProblemException> problem)
    {
        var all = Array.ConvertAll(
            Gather(() => Encoding.UTF8.GetBytes(text)),
            Encoding.UTF8.GetString
        );
        var other = Array.FindIndex(all, one => one != all[0]);
        if (other >= 0)
            throw Failed(problem(Name(other), all[other], all[0]));
    }

    /// <summary>A rank as messages name it.</summary>
    internal string Name(int rank) => $"rank {rank} on {machines[rank]}";

    /// <summary>The exception that ends every rank with a problem that all of them know.</summary>
    internal Exception Failed(ProblemException problem)
    {
        IsOrderly = true;
        return IsFirst ? problem : new ReportedByFirstRankException(problem.Exit);
    }

    /// <summary>Says that all ranks have finished their work.</summary>
    internal void Finish() => IsOrderly = true;

    /// <summary>Starts to send a block to each rank and to receive one of each.</summary>
    /// <param name="send">The address of <see cref="Count"/> blocks of float32, which must stay as they are meanwhile.</param>
    /// <param name="receive">The address of as much room.</param>
    /// <param name="block">The length of a block.</param>
    internal abstract IExchange AllToAll(nint send, nint receive, int block);

    /// <summary>Starts to send this rank's block to all, and to receive theirs.</summary>
    /// <param name="blocks">The address of <see cref="Count"/> blocks of float32; that of this rank has its numbers.</param>
    /// <param name="block">The length of a block.</param>
    internal abstract IExchange AllGather(nint blocks, int block);

    /// <summary>Waits for an exchange.</summary>
    /// <exception cref="OperationCanceledException">Cancelled meanwhile, such as when the launcher ends all because one was lost.</exception>
    /// <exception cref="ProblemException">The connection to a rank is lost (exit 6).</exception>
    internal virtual void Wait(IExchange exchange)
    {
        // A rank may wait for minutes while the first validates, so it sleeps between questions.
        var wait = new SpinWait();
        while (!exchange.IsDone())
        {
            cancel.ThrowIfCancellationRequested();
            wait.SpinOnce();
        }
    }

    /// <summary>Leaves the others.</summary>
    public abstract void Dispose();

    /// <summary>Receives every rank's bytes, of any length.</summary>
    private protected abstract byte[][] Gather(byte[] own);

    /// <summary>Learns which ranks share a machine.</summary>
    private protected void Meet() =>
        machines = Array.ConvertAll(
            Gather(Encoding.UTF8.GetBytes(Environment.MachineName)),
            Encoding.UTF8.GetString
        );

    private sealed record Failure(ExitCode Exit, string Where, string What, string Fix)
    {
        public static Failure Of(Exception e) =>
            e switch
            {
                ProblemException problem => new(
                    problem.Exit,
                    problem.Where,
                    problem.What,
                    problem.Fix
                ),
                SpecException spec => new(ExitCode.Spec, spec.Where, spec.What, spec.Fix),
                _ => throw new ArgumentException("not a problem of the user", nameof(e), e),
            };

        public ProblemException Problem(string rank) => new(Exit, $"{rank}, {Where}", What, Fix);
    }

    private sealed class OneRank() : Ranks(CancellationToken.None)
    {
        public override int Rank => 0;

        public override int Count => 1;

        internal override IExchange AllToAll(nint send, nint receive, int block) =>
            throw new NotSupportedException();

        internal override IExchange AllGather(nint blocks, int block) =>
            throw new NotSupportedException();

        private protected override byte[][] Gather(byte[] own) => [own];

        public override void Dispose() { }
    }
}

/// <summary>An exchange between ranks that has begun.</summary>
internal interface IExchange
{
    /// <summary>Whether it is done; asking also drives it on.</summary>
    bool IsDone();
}

/// <summary>Another rank failed, or this one as the first knows: the first reports it, and this one ends quietly.</summary>
/// <param name="exit">How all of them end.</param>
public sealed class ReportedByFirstRankException(ExitCode exit)
    : Exception("the first rank reports why all ranks end")
{
    /// <summary>How all of them end.</summary>
    public ExitCode Exit { get; } = exit;
}
