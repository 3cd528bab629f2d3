using System.Runtime.InteropServices;
using static KneeSeg.Training.Parallel.Mpi;

namespace KneeSeg.Training.Parallel;

/// <summary>Processes that talk by MPI, one training in the life of each. Waiting is asking again, so that a signal ends it.</summary>
internal sealed unsafe class MpiRanks : Ranks
{
    // MPICH's limit; Open MPI's is 256.
    private const int MaxErrorText = 1024;

    private readonly MpiConstants mpi = MpiLibrary.Constants;
    private readonly nint messages;
    private readonly nint gathered;
    private readonly nint scattered;

    public MpiRanks(Launcher launcher, CancellationToken cancel)
        : base(cancel)
    {
        int provided,
            rank,
            count;
        Check(MPI_Init_thread(0, 0, Serialized, &provided));
        Check(MPI_Comm_rank(mpi.World, &rank));
        Check(MPI_Comm_size(mpi.World, &count));
        (Rank, Count) = (rank, count);
        if (count != launcher.Processes)
        {
            // Each of them is alone, so that all of them would say so.
            _ = MPI_Finalize();
            throw new ProblemException(
                ExitCode.Resources,
                $"{launcher.Name}, {launcher.Processes} processes",
                $"the MPI library counts {count}: it is not the one that belongs to {launcher.Name}",
                "Use the mpirun of the library that is found first, or srun with the plugin that the library was built for, "
                    + "such as --mpi=pmix"
            );
        }
        // Exchanges of different kinds may overtake each other, but not on the same communicator.
        (messages, gathered, scattered) = (Communicator(), Communicator(), Communicator());
    }

    public override int Rank { get; }

    public override int Count { get; }

    internal override IExchange AllToAll(nint send, nint receive, int block)
    {
        nint request = 0;
        Check(
            MPI_Ialltoall(send, block, mpi.Float, receive, block, mpi.Float, scattered, &request)
        );
        return new Exchange(this, request);
    }

    internal override IExchange AllGather(nint blocks, int block)
    {
        nint request = 0;
        Check(
            MPI_Iallgather(
                mpi.InPlace,
                block,
                mpi.Float,
                blocks,
                block,
                mpi.Float,
                gathered,
                &request
            )
        );
        return new Exchange(this, request);
    }

    public override void Dispose()
    {
        // It waits for all. A rank that leaves without it makes the launcher end the others.
        if (IsOrderly)
            _ = MPI_Finalize();
    }

    // Buffers are native, and are not freed where waiting ends early: MPI may still write into them.
    private protected override byte[][] Gather(byte[] own)
    {
        var lengths = (int*)NativeMemory.AllocZeroed((nuint)(2 * Count * sizeof(int)));
        var starts = lengths + Count;
        lengths[Rank] = own.Length;
        nint request = 0;
        Check(
            MPI_Iallgather(
                mpi.InPlace,
                sizeof(int),
                mpi.Byte,
                (nint)lengths,
                sizeof(int),
                mpi.Byte,
                messages,
                &request
            )
        );
        Wait(new Exchange(this, request));
        for (var i = 1; i < Count; i++)
            starts[i] = starts[i - 1] + lengths[i - 1];
        var all = (byte*)NativeMemory.Alloc((nuint)(starts[Count - 1] + lengths[Count - 1] + 1));
        own.CopyTo(new Span<byte>(all + starts[Rank], own.Length));
        request = 0;
        Check(
            MPI_Iallgatherv(
                mpi.InPlace,
                own.Length,
                mpi.Byte,
                (nint)all,
                lengths,
                starts,
                mpi.Byte,
                messages,
                &request
            )
        );
        Wait(new Exchange(this, request));
        var result = new byte[Count][];
        for (var i = 0; i < Count; i++)
            result[i] = new Span<byte>(all + starts[i], lengths[i]).ToArray();
        NativeMemory.Free(all);
        NativeMemory.Free(lengths);
        return result;
    }

    private nint Communicator()
    {
        nint communicator = 0;
        Check(MPI_Comm_dup(mpi.World, &communicator));
        // Otherwise a lost connection ends this process before its state is saved.
        Check(MPI_Comm_set_errhandler(communicator, mpi.ReturnErrors));
        return communicator;
    }

    private static void Check(int code)
    {
        if (code == 0)
            return;
        var text = stackalloc byte[MaxErrorText];
        int length;
        _ = MPI_Error_string(code, text, &length);
        throw new ProblemException(
            ExitCode.Resources,
            "MPI",
            $"the connection to another rank is lost ({Marshal.PtrToStringUTF8((nint)text, length).TrimEnd('.')})",
            "See what the launcher says of that rank, then rerun the same command to resume"
        );
    }

    private sealed class Exchange(MpiRanks ranks, nint request) : IExchange
    {
        private nint request = request;

        public bool IsDone()
        {
            int flag;
            fixed (nint* at = &request)
                Check(MPI_Test(at, &flag, ranks.mpi.IgnoreStatus));
            return flag != 0;
        }
    }
}
