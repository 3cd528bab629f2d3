using System.Security.Cryptography;

namespace KneeSeg.Runs;

/// <summary>
/// Named tensors and a few texts in one file, in the safetensors format: data only, so that reading one
/// runs no code. A hash of the tensors' bytes is kept among the texts and checked on reading.
/// </summary>
/// <param name="Tensors">By name.</param>
/// <param name="Metadata">Texts by key, without the hash.</param>
public sealed record SafetensorsFile(
    IReadOnlyDictionary<string, StoredTensor> Tensors,
    IReadOnlyDictionary<string, string> Metadata
)
{
    private const string HashKey = "sha256";

    /// <summary>Writes the file, whole or not at all. Equal content gives equal bytes.</summary>
    /// <param name="path">Where it goes.</param>
    /// <exception cref="ProblemException">The place can't be written (exit 6).</exception>
    public void Write(string path)
    {
        var names = Tensors.Keys.Order(StringComparer.Ordinal).ToArray();
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [HashKey] = Hash(names.Select(name => Tensors[name].Data)),
        };
        foreach (var (key, text) in Metadata)
            metadata[key] = text;
        var header = SafetensorsHeader.Write(names.Select(name => (name, Tensors[name])), metadata);
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
            foreach (var entry in header.Entries)
            {
                var data = new byte[entry.Length];
                stream.ReadExactly(data);
                tensors.Add(entry.Name, new StoredTensor(entry.Type, entry.Shape, data));
            }
            var metadata = header.Metadata;
            if (!metadata.Remove(HashKey, out var hash))
                throw new InvalidDataException("it has no hash of its content");
            if (hash != Hash(header.Entries.Select(entry => tensors[entry.Name].Data)))
                throw new InvalidDataException("its content is not what was written");
            return new SafetensorsFile(tensors, metadata);
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

    private static string Hash(IEnumerable<byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
            hash.AppendData(part);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
