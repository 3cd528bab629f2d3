using System.Security.Cryptography;
using System.Text;

namespace KneeSeg.Torch;

/// <summary>
/// Named tensors and a few texts in one file, in the safetensors format: data only, so that reading one
/// runs no code. A hash of all other bytes is kept among the texts and checked on reading.
/// </summary>
/// <param name="Tensors">By name.</param>
/// <param name="Metadata">Texts by key, without the hash.</param>
public sealed record SafetensorsFile(
    IReadOnlyDictionary<string, StoredTensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata
)
{
    private const string HashKey = "sha256";

    // While the hash is taken, zeros stand in its place.
    private static readonly string NoHash = new('0', 2 * SHA256.HashSizeInBytes);

    /// <summary>The hash of a file that was read: names its content.</summary>
    public string Hash { get; private init; } = "";

    /// <summary>Writes the file, whole or not at all. Equal content gives equal bytes.</summary>
    /// <param name="path">Where it goes.</param>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
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
        Encoding.ASCII.GetBytes(hash, PlaceOfHash(header));
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

    /// <summary>Reads a file, checking every length and the hash.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ProblemException">It is missing, cut short, altered or no safetensors file (exit 5).</exception>
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
            Encoding.ASCII.GetBytes(NoHash, PlaceOfHash(header.Bytes));
            var contents = header.Tensors.Select(entry => tensors[entry.Name].Data);
            if (hash != HashOf([header.Bytes, .. contents]))
                throw new InvalidDataException("its content is not what was written");
            return new SafetensorsFile(tensors, metadata) { Hash = hash };
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                path,
                $"is no whole checkpoint ({e.Message.TrimEnd('.')})",
                "Use another checkpoint or train again",
                e
            );
        }
    }

    private static Span<byte> PlaceOfHash(byte[] header)
    {
        // No text can hold these bytes: JSON escapes the quotes in it.
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
