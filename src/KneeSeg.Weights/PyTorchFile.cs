using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace KneeSeg.Weights;

/// <summary>PyTorch's files: a zip of a pickle and its storages, or, before PyTorch 1.6, pickles followed by the storages.</summary>
internal static class PyTorchFile
{
    private const int MostStorages = 100_000;

    private static readonly BigInteger LegacyMagic = BigInteger.Parse(
        "1950a86a20f9469cfc6c",
        NumberStyles.HexNumber,
        CultureInfo.InvariantCulture
    );

    /// <summary>The value that was saved, with the place of each storage in the file.</summary>
    /// <exception cref="InvalidDataException">The file is cut, altered, or not as PyTorch writes it.</exception>
    public static object? ReadZip(Stream stream)
    {
        var entries = ZipDirectory.Read(stream);
        if (
            entries
                .Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal))
                .ToArray()
            is not [var pickle]
        )
            throw new InvalidDataException("it is a zip file without the one data.pkl of PyTorch");
        var stem = pickle[..^"data.pkl".Length];
        if (entries.ContainsKey(stem + "constants.pkl"))
            throw new InvalidDataException(
                "it is a TorchScript program: save the state_dict() of its module instead"
            );
        if (
            entries.TryGetValue(stem + "byteorder", out var order)
            && Text(stream, order) != "little"
        )
            throw new InvalidDataException("it has big-endian numbers");
        var storages = new Dictionary<string, Storage>();
        (stream.Position, var length) = entries[pickle];
        var value = new PickleReader(stream, length, id => Known(id, storages)).Read();
        foreach (var storage in storages.Values)
        {
            if (
                !entries.TryGetValue($"{stem}data/{storage.Key}", out var place)
                || place.Length != storage.Bytes
            )
                throw new InvalidDataException(
                    $"its storage '{storage.Key}' should have {storage.Bytes} bytes and has {place.Length}"
                );
            storage.Position = place.Position;
        }
        return value;
    }

    /// <inheritdoc cref="ReadZip"/>
    public static object? ReadLegacy(Stream stream)
    {
        var storages = new Dictionary<string, Storage>();
        var pickles = new PickleReader(stream, stream.Length, id => Known(id, storages));
        if (pickles.Read() is not BigInteger magic || magic != LegacyMagic)
            throw new InvalidDataException("it is a pickle, but not of PyTorch");
        _ = pickles.Read();
        if (
            pickles.Read() is OrderedDictionary<string, object?> sizes
            && sizes.TryGetValue("little_endian", out var little)
            && little is false
        )
            throw new InvalidDataException("it has big-endian numbers");
        var value = pickles.Read();
        if (pickles.Read() is not List<object?> keys)
            throw new InvalidDataException("it has no list of its storages");
        Span<byte> count = stackalloc byte[sizeof(long)];
        foreach (var key in keys)
        {
            if (key is not string name || !storages.Remove(name, out var storage))
                throw new InvalidDataException($"it lists a storage '{key}' that nothing uses");
            if (stream.Length - stream.Position < count.Length + storage.Bytes)
                throw new InvalidDataException($"its storage '{name}' is cut off");
            stream.ReadExactly(count);
            if (BinaryPrimitives.ReadInt64LittleEndian(count) != storage.Count)
                throw new InvalidDataException(
                    $"its storage '{name}' has another length than its tensors say"
                );
            storage.Position = stream.Position;
            stream.Position += (long)storage.Bytes;
        }
        return storages.Count == 0
            ? value
            : throw new InvalidDataException($"it lacks {storages.Count} of its storages");
    }

    // ("storage", its class, its key, the device it was on, its number of elements); once there was a sixth, null.
    private static Storage Known(object?[] id, Dictionary<string, Storage> storages)
    {
        if (
            id is not ["storage", PickledName type, string key, string, long count, .. var rest]
            || rest is not ([] or [null])
        )
            throw new InvalidDataException("it has a persistent id that is no storage");
        if (key is "" or { Length: > 20 } || !key.All(char.IsAsciiDigit))
            throw new InvalidDataException($"its storage has the key '{key}', which is no number");
        if (count < 0 || storages.Count == MostStorages)
            throw new InvalidDataException($"its storage '{key}' has {count} elements");
        var elements = ElementType(type.Name);
        if (!storages.TryGetValue(key, out var storage))
            storages.Add(key, storage = new(key, elements, count));
        return (storage.Type, storage.Count) == (elements, count)
            ? storage
            : throw new InvalidDataException($"its storage '{key}' is described in two ways");
    }

    private static TensorType ElementType(string storage) =>
        storage switch
        {
            "torch.FloatStorage" => TensorType.F32,
            "torch.DoubleStorage" => TensorType.F64,
            "torch.HalfStorage" => TensorType.F16,
            "torch.BFloat16Storage" => TensorType.BF16,
            "torch.LongStorage" => TensorType.I64,
            "torch.IntStorage" => TensorType.I32,
            "torch.ShortStorage" => TensorType.I16,
            "torch.CharStorage" => TensorType.I8,
            "torch.ByteStorage" => TensorType.U8,
            "torch.BoolStorage" => TensorType.BOOL,
            _ => throw new InvalidDataException($"it has a {storage}, which can't be read"),
        };

    private static string Text(Stream stream, ZipDirectory.Place place)
    {
        var bytes = new byte[Math.Min(place.Length, 16)];
        stream.Position = place.Position;
        stream.ReadExactly(bytes);
        return Encoding.ASCII.GetString(bytes);
    }
}
