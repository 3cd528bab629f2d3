using System.Runtime.InteropServices;

namespace KneeSeg.Weights;

/// <summary>
/// A file of weights that another program wrote: safetensors, or PyTorch's .pth, .pt, .ckpt or .bin. It is read as data:
/// whatever it says, none of it is run, and a file that tries is refused. Elements are read when they are asked for.
/// </summary>
public sealed class WeightsFile : IDisposable
{
    private const int DeepestNesting = 256;
    private const int MostRepeated = 16;

    // What PyTorch's wrappers put before every name: of parallel training, of compiled modules, and of trainers.
    private static readonly string[] Prefixes =
    [
        "module.",
        "_orig_mod.",
        "model.",
        "net.",
        "network.",
    ];

    private readonly FileStream stream;
    private readonly object? content;

    private WeightsFile(string path, FileStream stream)
    {
        (Path, this.stream) = (path, stream);
        content = Content(stream);
        (Place, var named) = MostTensors();
        named.ForEach(CheckSize);
        while (
            Prefixes.FirstOrDefault(p =>
                named.All(n => n.Name.StartsWith(Prefix + p, StringComparison.Ordinal))
            )
                is { } more
        )
            Prefix += more;
        foreach (var (name, tensor) in named)
            Tensors.Add(name[Prefix.Length..], tensor);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors by name, in the order of the file.</summary>
    public OrderedDictionary<string, WeightTensor> Tensors { get; } = [];

    /// <summary>Which dictionary of the file has them, such as <c>network_weights</c>; empty for the outermost.</summary>
    public string Place { get; }

    /// <summary>What every name began with and was left out, such as <c>module.</c>; mostly empty.</summary>
    public string Prefix { get; } = "";

    /// <summary>Opens a file and checks all but the values of its tensors.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ProblemException">It is missing, altered, of another format, or made to do harm (exit 5).</exception>
    public static WeightsFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = File.OpenRead(path);
            return new(path, stream);
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            stream?.Dispose();
            throw Problem(path, e.Message, e);
        }
    }

    /// <summary>A value of the file that is no weight.</summary>
    /// <param name="keys">The keys that lead to it through the file's dictionaries.</param>
    /// <returns>
    /// Null where there is none; otherwise bool, long, double, string, byte[], an object?[] or list of such values, a
    /// dictionary of them by text, a tensor, or a <see cref="PickledObject"/>.
    /// </returns>
    public object? Find(params ReadOnlySpan<string> keys)
    {
        var value = content;
        foreach (var key in keys)
            value = (value as OrderedDictionary<string, object?>)?.GetValueOrDefault(key);
        return value;
    }

    /// <summary>The elements of one of the file's tensors, in row-major order.</summary>
    /// <param name="tensor">Of floats, in any precision.</param>
    /// <exception cref="ProblemException">They are no floats, or can't be read (exit 5).</exception>
    public float[] Read(WeightTensor tensor)
    {
        var size = tensor.Type.Bytes();
        if (tensor.Span * size > Array.MaxLength)
            throw Problem(Path, $"a tensor {tensor.Form} spans more than 2 GB");
        var bytes = new byte[tensor.Span * size];
        try
        {
            stream.Position = tensor.Storage.Position + tensor.Offset * size;
            stream.ReadExactly(bytes);
        }
        catch (IOException e)
        {
            throw Problem(Path, e.Message, e);
        }
        var values = tensor.Type switch
        {
            TensorType.F32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            TensorType.F64 => Converted<double>(bytes, x => (float)x),
            TensorType.F16 => Converted<Half>(bytes, x => (float)x),
            TensorType.BF16 => Converted<ushort>(
                bytes,
                x => BitConverter.Int32BitsToSingle(x << 16)
            ),
            _ => throw Problem(Path, $"{tensor.Form} has no floats of 16, 32 or 64 bits"),
        };
        return tensor.IsRowMajor ? values : RowMajor(values, tensor);
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static object? Content(FileStream stream)
    {
        Span<byte> start = stackalloc byte[9];
        _ = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return start switch
        {
            [.., (byte)'{'] => Safetensors(stream),
            [(byte)'P', (byte)'K', ..] => PyTorchFile.ReadZip(stream),
            [0x80, ..] => PyTorchFile.ReadLegacy(stream),
            _ => throw new InvalidDataException(
                "it is neither a safetensors file nor one of PyTorch"
            ),
        };
    }

    private static OrderedDictionary<string, object?> Safetensors(FileStream stream)
    {
        var header = SafetensorsHeader.Read(stream);
        var tensors = new OrderedDictionary<string, object?>();
        foreach (var (name, type, shape, begin, length) in header.Tensors)
            tensors.Add(
                name,
                WeightTensor.Whole(
                    new(name, type, length / type.Bytes())
                    {
                        Position = header.Bytes.Length + begin,
                    },
                    shape
                )
            );
        return tensors;
    }

    private (string Place, List<(string Name, WeightTensor Tensor)> Named) MostTensors()
    {
        var most = (Place: "", Named: new List<(string, WeightTensor)>());
        // A file can refer to the same dictionary from many places.
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Visit(content, "", 0);
        if (most.Named is [])
            throw new InvalidDataException(
                content is PickledObject or OrderedDictionary<string, object?>
                && Objects().FirstOrDefault() is { } found
                    ? $"it holds an object of {found.Name}, which only that program can make: save its state_dict() instead"
                    : "it has no dictionary of tensors"
            );
        return most;

        void Visit(object? value, string place, int depth)
        {
            if (depth > DeepestNesting)
                throw new InvalidDataException(
                    $"its dictionaries are nested more than {DeepestNesting} deep"
                );
            if (value is not OrderedDictionary<string, object?> dictionary || !seen.Add(dictionary))
                return;
            var named = new List<(string, WeightTensor)>();
            foreach (var (name, item) in dictionary)
                if (item is WeightTensor tensor)
                    named.Add((name, tensor));
            if (named.Count > most.Named.Count)
                most = (place, named);
            foreach (var (name, item) in dictionary)
                Visit(item, place is "" ? name : $"{place}.{name}", depth + 1);
        }
    }

    private IEnumerable<PickledObject> Objects() =>
        content is OrderedDictionary<string, object?> dictionary
            ? dictionary.Values.OfType<PickledObject>()
            : [(PickledObject)content!];

    // A tensor can be one number repeated without end.
    private void CheckSize((string Name, WeightTensor Tensor) named)
    {
        if (named.Tensor.Count * named.Tensor.Type.Bytes() > MostRepeated * stream.Length)
            throw new InvalidDataException(
                $"its tensor '{named.Name}' of shape [{string.Join(", ", named.Tensor.Shape)}] is much larger than the file"
            );
    }

    private static float[] Converted<T>(byte[] bytes, Func<T, float> convert)
        where T : unmanaged
    {
        var elements = MemoryMarshal.Cast<byte, T>(bytes);
        var values = new float[elements.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = convert(elements[i]);
        return values;
    }

    private static float[] RowMajor(float[] span, WeightTensor tensor)
    {
        var values = new float[tensor.Count];
        var index = new long[tensor.Shape.Length];
        var at = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = span[at];
            for (var axis = index.Length - 1; axis >= 0; axis--)
            {
                at += tensor.Strides[axis];
                if (++index[axis] < tensor.Shape[axis])
                    break;
                at -= tensor.Strides[axis] * tensor.Shape[axis];
                index[axis] = 0;
            }
        }
        return values;
    }

    private static ProblemException Problem(string path, string what, Exception? cause = null) =>
        new(
            ExitCode.Checkpoint,
            path,
            $"can't be read as weights: {what.TrimEnd('.')}",
            "Give a .safetensors file, or one that torch.save(model.state_dict(), FILE) made",
            cause
        );
}
