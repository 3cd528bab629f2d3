using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KneeSeg.Data.Preprocessing;

/// <summary>
/// A preprocessed case as a file: an <see cref="CacheEntryHeader"/>, the image, the foreground indices of each label, the
/// labels, and a SHA-256 of what the header's own hashes do not cover.
/// </summary>
internal static class CacheEntry
{
    /// <summary>Bytes of a case's file.</summary>
    public static long SizeOf(PreprocessedCase prepared) =>
        CacheEntryHeader.Of(prepared).FileBytes(prepared.Channels);

    /// <summary>Writes a case.</summary>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public static void Write(string path, PreprocessedCase prepared)
    {
        var header = CacheEntryHeader.Of(prepared).ToBytes();
        AtomicFile.Write(
            path,
            stream =>
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                hash.AppendData(header);
                stream.Write(header);
                stream.Write(MemoryMarshal.AsBytes(prepared.Image.Span));
                foreach (var indices in prepared.ForegroundIndices)
                {
                    var bytes = MemoryMarshal.AsBytes(indices.Span);
                    hash.AppendData(bytes);
                    stream.Write(bytes);
                }
                stream.Write(prepared.Labels.Span);
                stream.Write(hash.GetHashAndReset());
            }
        );
    }

    /// <summary>Opens a case by memory mapping and marks the file as used.</summary>
    /// <param name="path">The file.</param>
    /// <param name="id">The case.</param>
    /// <param name="channels">How many its image has.</param>
    /// <returns>Null where the file is missing or damaged.</returns>
    public static PreprocessedCase? Open(string path, string id, int channels)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (
                CacheEntryHeader.Read(stream) is not { } header
                || stream.Length != header.FileBytes(channels)
                || Map(stream, header, id, channels) is not { } prepared
            )
                return null;
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow);
            return prepared;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static PreprocessedCase? Map(
        FileStream stream,
        CacheEntryHeader header,
        string id,
        int channels
    )
    {
        var file = new MappedFile(stream);
        var count = (int)header.Grid.Size.Count;
        var at = (long)header.Bytes;
        var image = Next<float>(channels * count);
        var indices = Array.ConvertAll(header.ForegroundCounts, Next<int>);
        var labels = Next<byte>(count);
        var stored = Next<byte>(SHA256.HashSizeInBytes);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header.ToBytes());
        foreach (var list in indices)
            hash.AppendData(MemoryMarshal.AsBytes(list.Span));
        var isValid =
            hash.GetHashAndReset().AsSpan().SequenceEqual(stored.Span)
            && IsHashOf(header.ImageHash, MemoryMarshal.AsBytes(image.Span))
            && IsHashOf(header.LabelsHash, labels.Span);
        return isValid
            ? new()
            {
                Id = id,
                Grid = header.Grid,
                Image = image,
                Labels = labels,
                ForegroundIndices = indices,
                NonFiniteCount = header.NonFiniteCount,
                ImageHash = header.ImageHash,
                LabelsHash = header.LabelsHash,
            }
            : null;

        ReadOnlyMemory<T> Next<T>(int length)
            where T : unmanaged
        {
            var part = file.Part<T>(at, length);
            at += (long)length * Unsafe.SizeOf<T>();
            return part;
        }
    }

    private static bool IsHashOf(byte[] hash, ReadOnlySpan<byte> bytes) =>
        SHA256.HashData(bytes).AsSpan().SequenceEqual(hash);
}

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
