using System.Runtime.InteropServices;

namespace KneeSeg.Training.Parallel;

/// <summary>The functions of MPI that training uses, under their own names.</summary>
internal static unsafe partial class Mpi
{
    /// <summary>What <see cref="MpiLibrary"/> found.</summary>
    public const string Library = "mpi";

    /// <summary>MPI_THREAD_SERIALIZED: calls come from any thread, one at a time.</summary>
    public const int Serialized = 2;

    [LibraryImport(Library)]
    public static partial int MPI_Init_thread(nint argc, nint argv, int required, int* provided);

    [LibraryImport(Library)]
    public static partial int MPI_Comm_rank(nint communicator, int* rank);

    [LibraryImport(Library)]
    public static partial int MPI_Comm_size(nint communicator, int* size);

    [LibraryImport(Library)]
    public static partial int MPI_Comm_dup(nint communicator, nint* duplicate);

    [LibraryImport(Library)]
    public static partial int MPI_Comm_set_errhandler(nint communicator, nint handler);

    [LibraryImport(Library)]
    public static partial int MPI_Ialltoall(
        nint send,
        int sendCount,
        nint sendType,
        nint receive,
        int receiveCount,
        nint receiveType,
        nint communicator,
        nint* request
    );

    [LibraryImport(Library)]
    public static partial int MPI_Iallgather(
        nint send,
        int sendCount,
        nint sendType,
        nint receive,
        int receiveCount,
        nint receiveType,
        nint communicator,
        nint* request
    );

    [LibraryImport(Library)]
    public static partial int MPI_Iallgatherv(
        nint send,
        int sendCount,
        nint sendType,
        nint receive,
        int* receiveCounts,
        int* displacements,
        nint receiveType,
        nint communicator,
        nint* request
    );

    [LibraryImport(Library)]
    public static partial int MPI_Test(nint* request, int* flag, nint status);

    [LibraryImport(Library)]
    public static partial int MPI_Error_string(int code, byte* text, int* length);

    [LibraryImport(Library)]
    public static partial int MPI_Finalize();
}
