using System.Security.Cryptography;
using System.Text;

namespace KneeSeg.Weights;

/// <summary>
/// Named tensors and metadata in one file, in the safetensors format: data only, so reading one runs no code. A hash of
/// all other bytes is kept in the metadata and verified on reading.
/// </summary>
/// <param name="Tensors">By name.</param>
/// <param name="Metadata">By key, without the hash.</param>
public sealed record SafetensorsFile(
    IReadOnlyDictionary<string, StoredTensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata
)
{
    private const string HashKey = "sha256";

    // Replaces the hash while it is computed.
    private static readonly string NoHash = new('0', 2 * SHA256.HashSizeInBytes);

    /// <summary>The content hash of a file that was read.</summary>
    public string Hash { get; private init; } = "";

    /// <summary>Writes the file atomically. Equal content gives equal bytes.</summary>
    /// <param name="path">The target file.</param>
    /// <exception cref="ProblemException">The file can't be written (exit 6).</exception>
    public void Write(string path)
    {
        var names = Tensors.Keys.Order(StringComparer.Ordinal).ToArray();
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [HashKey] = NoHash,
        };
        foreach (var (key, text) in Metadata)
            metadata[key] = text;
        var header = SafetensorsHeader.Write(names.Select(name => (name, Tensors[name])), metadata);
        var hash = HashOf([header, .. names.Select(name => Tensors[name].Data)]);
        Encoding.ASCII.GetBytes(hash, HashSpan(header));
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(header);
                foreach (var name in names)
                    stream.Write(Tensors[name].Data);
            }
        );
    }

    /// <summary>Reads the first of several files that is intact.</summary>
    /// <param name="paths">In order of preference; at least one.</param>
    /// <param name="progress">Receives a warning of each corrupt one.</param>
    /// <exception cref="ProblemException">None is intact (exit 5).</exception>
    public static (SafetensorsFile File, string Path) ReadFirst(
        IReadOnlyList<string> paths,
        IProgressSink progress
    )
    {
        for (var i = 0; ; i++)
            try
            {
                return (Read(paths[i]), paths[i]);
            }
            catch (ProblemException corrupt) when (i + 1 < paths.Count)
            {
                progress.Say($"{corrupt.Message} Using {Path.GetFileName(paths[i + 1])} instead.");
            }
    }

    /// <summary>Reads a file, checking every length and the hash.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ProblemException">It is missing, truncated, altered or not a safetensors file (exit 5).</exception>
    public static SafetensorsFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var header = SafetensorsHeader.Read(stream);
            var tensors = new Dictionary<string, StoredTensor>();
            foreach (var entry in header.Tensors)
            {
                var data = new byte[entry.Length];
                stream.ReadExactly(data);
                tensors.Add(entry.Name, new StoredTensor(entry.Type, entry.Shape, data));
            }
            var metadata = header.Metadata;
            metadata.Remove(HashKey, out var hash);
            Encoding.ASCII.GetBytes(NoHash, HashSpan(header.Bytes));
            var contents = header.Tensors.Select(entry => tensors[entry.Name].Data);
            if (hash != HashOf([header.Bytes, .. contents]))
                throw new InvalidDataException("its content does not match its hash");
            return new SafetensorsFile(tensors, metadata) { Hash = hash };
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                path,
                $"is not a valid checkpoint ({e.Message.TrimEnd('.')})",
                "Use another checkpoint or train again",
                e
            );
        }
    }

    private static Span<byte> HashSpan(byte[] header)
    {
        // No JSON string can contain these bytes: quotes are escaped.
        var before = "\"sha256\":\""u8;
        var at = header.AsSpan().IndexOf(before) + before.Length;
        return at >= before.Length && at + NoHash.Length <= header.Length
            ? header.AsSpan(at, NoHash.Length)
            : throw new InvalidDataException("it has no hash of its content");
    }

    private static string HashOf(IEnumerable<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
            hash.AppendData(part);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
