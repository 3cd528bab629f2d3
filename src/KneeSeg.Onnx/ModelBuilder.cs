using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Onnx;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace KneeSeg.Onnx;

/// <summary>
/// Collects the operators and tensors of a model. Values are known by the names of the operators that make them, and equal
/// tensors are stored once.
/// </summary>
/// <param name="type">How weights are stored.</param>
internal sealed class ModelBuilder(WeightType type)
{
    private readonly Dictionary<string, string> stored = [];
    private readonly HashSet<string> names = [];

    /// <summary>The operators, in the order in which they run.</summary>
    public List<NodeProto> Nodes { get; } = [];

    /// <summary>The weights and constants.</summary>
    public List<TensorProto> Tensors { get; } = [];

    /// <summary>Whether a value or tensor of this name is there.</summary>
    public bool Has(string name) => names.Contains(name);

    /// <summary>Whether an operator of this kind makes a value.</summary>
    public bool IsFrom(string operation, string value) =>
        Nodes.Exists(node => node.OpType == operation && node.Output[0] == value);

    /// <summary>Adds an operator with one output.</summary>
    /// <param name="operation">The ONNX operator.</param>
    /// <param name="name">Its name, and its output's; unique.</param>
    /// <param name="inputs">The values that it takes.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <returns>The output's name.</returns>
    public string Add(
        string operation,
        string name,
        IEnumerable<string> inputs,
        params AttributeProto[] attributes
    ) => Add(operation, [name], inputs, attributes)[0];

    /// <summary>Adds an operator with several outputs; the first one's name is its own.</summary>
    public string[] Add(
        string operation,
        string[] outputs,
        IEnumerable<string> inputs,
        params AttributeProto[] attributes
    )
    {
        names.UnionWith(outputs);
        Nodes.Add(
            new()
            {
                Name = outputs[0],
                OpType = operation,
                Input = { inputs },
                Output = { outputs },
                Attribute = { attributes },
            }
        );
        return outputs;
    }

    /// <summary>Stores a weight, rounded to the model's type; it is used in float32.</summary>
    /// <param name="name">Its name, unless an equal one is stored.</param>
    /// <param name="value">Float32.</param>
    /// <param name="shape">Another shape of as many elements; none for its own.</param>
    public string Weight(string name, Tensor value, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var (data, element) = type switch
        {
            WeightType.Float16 => (DataType.Float16, ScalarType.Float16),
            WeightType.BFloat16 => (DataType.Bfloat16, ScalarType.BFloat16),
            _ => (DataType.Float, ScalarType.Float32),
        };
        var bytes = value.detach().cpu().to(element).contiguous().bytes.ToArray();
        var stored = Store(name, bytes, data, shape is [] ? value.shape : shape);
        if (type == WeightType.Float32)
            return stored;
        var cast = $"{stored}: float";
        return Has(cast)
            ? cast
            : Add("Cast", cast, [stored], Attributes.Of("to", (long)DataType.Float));
    }

    /// <summary>Stores a vector of one number for each channel, which broadcasts over space.</summary>
    public string PerChannel(string name, Tensor value, int axes) =>
        Weight(name, value, [value.numel(), .. Enumerable.Repeat(1L, axes)]);

    /// <summary>A constant of numbers, float32.</summary>
    public string Numbers(float[] values, params long[] shape) =>
        Store(
            Named(values),
            MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
            DataType.Float,
            shape
        );

    /// <summary>A constant of whole numbers: a size, axes or places.</summary>
    public string Integers(params long[] values) =>
        Store(
            $"[{string.Join(", ", values)}]",
            MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
            DataType.Int64,
            [values.Length]
        );

    /// <summary>A constant of indices.</summary>
    public string Indices(string name, long[] values, params long[] shape) =>
        Store(name, MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), DataType.Int64, shape);

    private static string Named(float[] values) =>
        values.Length == 1
            ? FormattableString.Invariant($"{values[0]:R}")
            : FormattableString.Invariant($"{values.Length} x {values[0]:R}");

    private string Store(string name, byte[] bytes, DataType data, long[] shape)
    {
        var key = $"{data} {string.Join('x', shape)} {Convert.ToHexString(SHA256.HashData(bytes))}";
        if (stored.TryGetValue(key, out var before))
            return before;
        var unique = name;
        for (var n = 2; !names.Add(unique); n++)
            unique = $"{name} ({n})";
        Tensors.Add(
            new()
            {
                Name = unique,
                DataType = (int)data,
                Dims = { shape },
                RawData = UnsafeByteOperations.UnsafeWrap(bytes),
            }
        );
        return stored[key] = unique;
    }
}

/// <summary>The attributes of operators.</summary>
internal static class Attributes
{
    /// <summary>A whole number.</summary>
    public static AttributeProto Of(string name, long value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Int,
            I = value,
        };

    /// <summary>A number.</summary>
    public static AttributeProto Of(string name, double value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Float,
            F = (float)value,
        };

    /// <summary>A word.</summary>
    public static AttributeProto Of(string name, string value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.String,
            S = ByteString.CopyFromUtf8(value),
        };

    /// <summary>Whole numbers.</summary>
    public static AttributeProto Of(string name, IEnumerable<int> values) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Ints,
            Ints = { values.Select(value => (long)value) },
        };
}
