using System.Buffers.Binary;
using System.Text.Json;

namespace KneeSeg.Weights;

/// <summary>
/// The header of a safetensors file: eight bytes of length, then JSON with each tensor's offsets. Every length is checked
/// against the file before memory is allocated.
/// </summary>
internal sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsHeader.TensorEntry> Tensors,
    Dictionary<string, string> Metadata,
    byte[] Bytes
)
{
    // That of a hundred thousand tensors; the whole header is read at once.
    private const long LongestHeader = 1 << 24;
    private const string MetadataKey = "__metadata__";

    /// <summary>One tensor, in the order of the data.</summary>
    public sealed record TensorEntry(
        string Name,
        TensorType Type,
        long[] Shape,
        long Begin,
        long Length
    );

    public static byte[] Write(
        IEnumerable<(string Name, StoredTensor Tensor)> tensors,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        using var buffer = new MemoryStream();
        buffer.Write(new byte[sizeof(long)]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach (var (key, text) in metadata)
                json.WriteString(key, text);
            json.WriteEndObject();
            var begin = 0L;
            foreach (var (name, tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", tensor.Type.ToString());
                WriteNumbers(json, "shape", tensor.Shape);
                WriteNumbers(json, "data_offsets", [begin, begin += tensor.Data.Length]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % sizeof(long) != 0)
            buffer.WriteByte((byte)' ');
        var header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - sizeof(long));
        return header;
    }

    /// <exception cref="InvalidDataException">The header is invalid or disagrees with the file's length.</exception>
    public static SafetensorsHeader Read(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        if (stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            throw new InvalidDataException("it is too short");
        var length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length is < 2 or > LongestHeader || length > stream.Length - sizeof(long))
            throw new InvalidDataException($"it claims a header of {length} bytes");
        var bytes = new byte[sizeof(long) + length];
        prefix.CopyTo(bytes);
        stream.ReadExactly(bytes.AsSpan(sizeof(long)));
        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(sizeof(long)));
            var (entries, metadata) = Read(document.RootElement, stream.Length - bytes.Length);
            return new(entries, metadata, bytes);
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
                        or IndexOutOfRangeException
                        or OverflowException
            )
        {
            throw new InvalidDataException("its header can't be read", e);
        }
    }

    private static (List<TensorEntry>, Dictionary<string, string>) Read(
        JsonElement root,
        long dataLength
    )
    {
        var metadata = new Dictionary<string, string>();
        var entries = new List<TensorEntry>();
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == MetadataKey)
                foreach (var text in property.Value.EnumerateObject())
                    metadata[text.Name] = text.Value.GetString() ?? "";
            else
                entries.Add(ReadEntry(property));
        }
        entries.Sort((a, b) => a.Begin.CompareTo(b.Begin));
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
                throw new InvalidDataException(
                    $"'{entry.Name}' does not start where the tensor before it ends"
                );
            end += entry.Length;
        }
        if (end != dataLength)
            throw new InvalidDataException($"it has {dataLength} bytes of data but declares {end}");
        if (entries.DistinctBy(entry => entry.Name).Count() != entries.Count)
            throw new InvalidDataException("a tensor name occurs twice");
        return (entries, metadata);
    }

    private static TensorEntry ReadEntry(JsonProperty property)
    {
        var value = property.Value;
        var name = value.GetProperty("dtype").GetString();
        if (!Enum.TryParse<TensorType>(name, out var type) || !Enum.IsDefined(type))
            throw new InvalidDataException($"'{property.Name}' has the unknown type {name}");
        long[] shape = [.. value.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64())];
        var offsets = value.GetProperty("data_offsets");
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        var expected = shape.Aggregate((long)type.Bytes(), (product, n) => checked(product * n));
        if (
            shape.Any(n => n < 0)
            || begin < 0
            || end - begin != expected
            || expected > Array.MaxLength
        )
            throw new InvalidDataException(
                $"the length of '{property.Name}' does not match its shape"
            );
        return new TensorEntry(property.Name, type, shape, begin, expected);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
