using System.Runtime.InteropServices;
using KneeSeg.Kernels;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Native;

/// <summary>
/// Libtorch's own OpenMP threads. Threads of .NET's pool would compete with them: each spins for a while after every operation of
/// libtorch's.
/// </summary>
internal sealed unsafe class LibtorchWorkers : IWorkers
{
    private static readonly Lazy<IWorkers> Shared = new(() =>
        GompParallel() is var parallel and not 0
            ? new LibtorchWorkers(parallel)
            : new PoolWorkers(get_num_threads())
    );

    // One run at a time, whose task and state the threads find here.
    private static readonly Lock Gate = new();
    private static Action<int> work = _ => { };
    private static int tasks;
    private static int next;
    private static Exception? failure;

    private readonly delegate* unmanaged<
        delegate* unmanaged<void*, void>,
        void*,
        uint,
        uint,
        void> parallel;

    private LibtorchWorkers(nint parallel) =>
        this.parallel = (delegate* unmanaged<
            delegate* unmanaged<void*, void>,
            void*,
            uint,
            uint,
            void>)parallel;

    /// <summary>Those of this process; where libtorch has no OpenMP library beside it, .NET's.</summary>
    public static IWorkers Instance => Shared.Value;

    public void Run(int tasks, Action<int> work)
    {
        lock (Gate)
        {
            (LibtorchWorkers.work, LibtorchWorkers.tasks, next, failure) = (work, tasks, 0, null);
            parallel(&Share, null, (uint)get_num_threads(), 0);
            LibtorchWorkers.work = _ => { };
            if (failure is not null)
                throw new InvalidOperationException("a kernel failed", failure);
        }
    }

    // Native code calls it: no exception may leave it.
    [UnmanagedCallersOnly]
    private static void Share(void* _)
    {
        try
        {
            for (int task; (task = Interlocked.Increment(ref next) - 1) < tasks; )
                work(task);
        }
        catch (Exception e)
        {
            failure = e;
        }
    }

    private static nint GompParallel() =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "libgomp*.so*").FirstOrDefault()
            is { } path
        && NativeLibrary.TryLoad(path, out var library)
        && NativeLibrary.TryGetExport(library, "GOMP_parallel", out var parallel)
            ? parallel
            : 0;
}
