using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace KneeSeg.Data.Preprocessing;

/// <summary>
/// A memory-mapped file. It stays open as long as something refers to its bytes.
/// </summary>
internal sealed class MappedFile
{
    private readonly MemoryMappedViewAccessor view;

    /// <param name="stream">Open for reading, and not empty; it may be closed afterwards.</param>
    public MappedFile(FileStream stream)
    {
        using var file = MemoryMappedFile.CreateFromFile(
            stream,
            mapName: null,
            capacity: 0,
            MemoryMappedFileAccess.Read,
            HandleInheritability.None,
            leaveOpen: true
        );
        view = file.CreateViewAccessor(0, stream.Length, MemoryMappedFileAccess.Read);
    }

    /// <summary>A part of the file.</summary>
    /// <param name="offset">In bytes; the caller ensures that the part is inside.</param>
    /// <param name="count">In values.</param>
    public ReadOnlyMemory<T> Part<T>(long offset, int count)
        where T : unmanaged => new PartOf<T>(this, offset, count).Memory;

    private sealed unsafe class PartOf<T>(MappedFile file, long offset, int count)
        : MemoryManager<T>
        where T : unmanaged
    {
        private T* Start =>
            (T*)(file.view.SafeMemoryMappedViewHandle.DangerousGetHandle() + (nint)offset);

        public override Span<T> GetSpan() => new(Start, count);

        public override MemoryHandle Pin(int elementIndex = 0) =>
            new(Start + elementIndex, pinnable: this);

        public override void Unpin() { }

        // The view's own handle unmaps it when nothing refers to it any more.
        protected override void Dispose(bool disposing) { }
    }
}
