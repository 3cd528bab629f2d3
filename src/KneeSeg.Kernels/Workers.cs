using System.Runtime.InteropServices;

namespace KneeSeg.Kernels;

/// <summary>What runs the tasks of a kernel, on as many threads as it likes: results do not depend on it.</summary>
internal interface IWorkers
{
    /// <summary>Runs all tasks, in any order; returns when they are done.</summary>
    void Run(int tasks, Action<int> work);
}

/// <summary>Threads of .NET's pool.</summary>
internal sealed class PoolWorkers(int threads) : IWorkers
{
    public void Run(int tasks, Action<int> work) =>
        Parallel.For(0, tasks, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
}

/// <summary>
/// The share of a task: some planes, some of their rows. The shares depend on the size alone, and sums are added up in their
/// order, so that any number of threads gives the same bytes.
/// </summary>
internal readonly record struct Slab(int Front, int Back, int Top, int Bottom)
{
    private const int Most = 8;

    /// <summary>Runs the slabs of a size, each with sums of its own.</summary>
    /// <param name="sums">Gets the sums of all slabs added to what it holds.</param>
    public static unsafe void Run(
        IWorkers workers,
        int depth,
        int height,
        Span<double> sums,
        SlabWork work
    )
    {
        var slabs = Of(depth, height);
        var length = sums.Length;
        var partial = new double[slabs.Length * length];
        workers.Run(
            slabs.Length,
            task =>
            {
                fixed (double* own = partial.AsSpan(task * length))
                    work(slabs[task], own);
            }
        );
        for (var i = 0; i < partial.Length; i++)
            sums[i % length] += partial[i];
    }

    private static Slab[] Of(int depth, int height)
    {
        var deep = Math.Clamp(depth / 4, 1, Most);
        var high = Math.Clamp(height / 16, 1, Most / deep);
        return
        [
            .. from z in Enumerable.Range(0, deep)
            from y in Enumerable.Range(0, high)
            select new Slab(
                z * depth / deep,
                (z + 1) * depth / deep,
                y * height / high,
                (y + 1) * height / high
            ),
        ];
    }
}

/// <summary>The work of one slab; the sums are its own, and begin at 0.</summary>
internal unsafe delegate void SlabWork(Slab slab, double* sums);

/// <summary>Memory of a thread that lasts from kernel to kernel.</summary>
internal sealed unsafe class Scratch
{
    // A page, so that rows are aligned for every vector.
    private const int Alignment = 4096;

    [ThreadStatic]
    private static Scratch? own;

    private float* memory;
    private nint length;

    ~Scratch() => NativeMemory.AlignedFree(memory);

    /// <summary>So many floats of this thread; their values are anything.</summary>
    public static float* Of(nint floats)
    {
        var scratch = own ??= new();
        if (scratch.length < floats)
        {
            NativeMemory.AlignedFree(scratch.memory);
            scratch.memory = (float*)
                NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), Alignment);
            scratch.length = floats;
        }
        return scratch.memory;
    }
}
