using System.Buffers;
using System.Runtime.InteropServices;

namespace KneeSeg;

/// <summary>
/// Zeroed memory outside the managed heap, freed when it is disposed. A large array would stay until the next full
/// collection, and the garbage collector does not see that libtorch needs the memory meanwhile.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
public sealed unsafe class NativeBuffer<T> : MemoryManager<T>
    where T : unmanaged
{
    private readonly int length;
    private T* start;

    /// <summary>Allocates.</summary>
    /// <param name="length">The number of values.</param>
    public NativeBuffer(int length)
    {
        this.length = length;
        start = (T*)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(T));
    }

    /// <inheritdoc />
    public override Span<T> GetSpan()
    {
        ObjectDisposedException.ThrowIf(start is null, this);
        return new(start, length);
    }

    /// <inheritdoc />
    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    /// <inheritdoc />
    public override void Unpin() { }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(start);
        start = null;
    }
}
