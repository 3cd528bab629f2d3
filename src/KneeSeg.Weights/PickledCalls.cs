using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace KneeSeg.Weights;

/// <summary>What the classes and functions make that files of weights call. Every other call is an inert <see cref="PickledObject"/>.</summary>
internal static class PickledCalls
{
    public static object? Make(string name, object?[] arguments) =>
        (name, arguments) switch
        {
            ("collections.OrderedDict" or "builtins.dict" or "__builtin__.dict", []) =>
                Dictionary([]),
            ("collections.OrderedDict", [List<object?> pairs]) => Dictionary(
                pairs.Select(pair => (pair as List<object?>)?.ToArray() ?? pair as object?[] ?? [])
            ),
            ("collections.defaultdict", _) => Dictionary([]),
            ("builtins.set" or "__builtin__.set", [List<object?> items]) => items,
            ("torch.Size", [object?[] sizes]) => sizes,
            ("torch.device", [string type]) => type,
            ("torch.device", [string type, long index]) => $"{type}:{index}",
            (
                "torch._utils._rebuild_tensor_v2"
                    or "torch._utils._rebuild_tensor",
                [Storage storage, long offset, object?[] shape, object?[] strides, ..]
            ) => WeightTensor.View(storage, offset, Integers(shape), Integers(strides)),
            ("torch._utils._rebuild_parameter", [WeightTensor tensor, ..]) => tensor,
            ("_codecs.encode", [string text, "latin1"]) => Encoding.Latin1.GetBytes(text),
            ("numpy.dtype", [string code, ..]) => new NumpyType(code),
            (
                "numpy.core.multiarray.scalar"
                    or "numpy._core.multiarray.scalar",
                [NumpyType type, byte[] bytes]
            ) => type.Value(bytes),
            _ => new PickledObject(name),
        };

    /// <summary>Gives an object its state; where that says nothing about weights, it is left out.</summary>
    /// <exception cref="InvalidDataException">It is a number type of the other byte order.</exception>
    public static void SetState(object? made, object? state)
    {
        if (made is NumpyType && state is object?[] and [_, ">", ..])
            throw new InvalidDataException("it has big-endian numbers");
    }

    /// <summary>Sets the items of a dictionary. A key that is no text is written as one, as in JSON.</summary>
    public static void Fill(
        OrderedDictionary<string, object?> dictionary,
        IEnumerable<object?[]> pairs
    )
    {
        foreach (var pair in pairs)
            if (pair is [string or long or double or bool, _])
                dictionary[Convert.ToString(pair[0], CultureInfo.InvariantCulture)!] = pair[1];
    }

    private static OrderedDictionary<string, object?> Dictionary(IEnumerable<object?[]> pairs)
    {
        var dictionary = new OrderedDictionary<string, object?>();
        Fill(dictionary, pairs);
        return dictionary;
    }

    private static long[] Integers(object?[] values) =>
        [
            .. values.Select(value =>
                value as long?
                ?? throw new InvalidDataException($"a tensor has the size or stride {value}")
            ),
        ];

    /// <summary>A number type of numpy, such as f4.</summary>
    private sealed record NumpyType(string Code)
    {
        public object Value(byte[] bytes) =>
            (Code, bytes.Length) switch
            {
                ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(bytes),
                ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
                ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
                ("b1", 1) => bytes[0] != 0,
                ("u1", 1) => (long)bytes[0],
                ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
                ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
                _ => new PickledObject($"numpy.{Code}"),
            };
    }
}
