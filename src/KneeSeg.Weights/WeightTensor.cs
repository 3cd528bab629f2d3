namespace KneeSeg.Weights;

/// <summary>A tensor in a file: its form, and where its elements lie. <see cref="WeightsFile.Read"/> reads them.</summary>
public sealed class WeightTensor
{
    private const int MostAxes = 8;
    private const long MostElements = 1L << 29;

    private WeightTensor(Storage storage, long offset, long[] shape, long[] strides) =>
        (Storage, Offset, Shape, Strides) = (storage, offset, shape, strides);

    /// <summary>The element type.</summary>
    public TensorType Type => Storage.Type;

    /// <summary>Whether its elements are floats of 16, 32 or 64 bits, as weights are.</summary>
    public bool IsFloat =>
        Type is TensorType.F32 or TensorType.F64 or TensorType.F16 or TensorType.BF16;

    /// <summary>Its size on each axis; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>The number of its elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, n) => product * n);

    /// <summary>Type and shape, such as <c>F32[16, 1, 3, 3, 3]</c>.</summary>
    public string Form => $"{Type}[{string.Join(", ", Shape)}]";

    internal Storage Storage { get; }

    /// <summary>Of the first element in the storage, in elements.</summary>
    internal long Offset { get; }

    /// <summary>Between neighbors on each axis, in elements.</summary>
    internal long[] Strides { get; }

    /// <summary>The number of elements of the storage from the first to the last that the tensor has.</summary>
    internal long Span =>
        Count == 0 ? 0 : 1 + Shape.Zip(Strides, (n, step) => (n - 1) * step).Sum();

    internal bool IsRowMajor => Span == Count && Strides.SequenceEqual(RowMajor(Shape));

    /// <summary>Whether the elements of two tensors are the same bytes of the file, as those of tied weights are.</summary>
    public bool IsSameAs(WeightTensor other) =>
        Storage == other.Storage
        && Offset == other.Offset
        && Shape.SequenceEqual(other.Shape)
        && Strides.SequenceEqual(other.Strides);

    /// <exception cref="InvalidDataException">An element would lie outside the storage.</exception>
    internal static WeightTensor View(Storage storage, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length || shape.Length > MostAxes)
            throw new InvalidDataException(
                $"a tensor has {shape.Length} sizes and {strides.Length} strides; {MostAxes} axes is the most"
            );
        if (offset < 0 || shape.Any(n => n < 0) || strides.Any(n => n < 0))
            throw new InvalidDataException("a tensor has a negative size, stride or offset");
        var count = (Int128)1;
        var end = (Int128)offset;
        foreach (var (n, step) in shape.Zip(strides))
        {
            count *= n;
            if (count > MostElements)
                throw new InvalidDataException(
                    $"a tensor of shape [{string.Join(", ", shape)}] has more than 2^29 elements"
                );
            end += (Int128)(n - 1) * step;
        }
        if (count > 0 && end >= storage.Count)
            throw new InvalidDataException(
                $"a tensor reaches beyond the {storage.Count} elements of its storage '{storage.Key}'"
            );
        return new(storage, offset, shape, strides);
    }

    /// <summary>All elements of a storage, in row-major order.</summary>
    internal static WeightTensor Whole(Storage storage, long[] shape) =>
        View(storage, 0, shape, RowMajor(shape));

    private static long[] RowMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        var step = 1L;
        for (var axis = shape.Length - 1; axis >= 0; step *= shape[axis--])
            strides[axis] = step;
        return strides;
    }
}

/// <summary>A row of elements in a file, which one tensor has or several share.</summary>
/// <param name="key">Its name in the file.</param>
/// <param name="type">The element type.</param>
/// <param name="count">The number of elements.</param>
internal sealed class Storage(string key, TensorType type, long count)
{
    public string Key => key;

    public TensorType Type => type;

    public long Count => count;

    /// <summary>Its length in bytes.</summary>
    public Int128 Bytes => (Int128)count * type.Bytes();

    /// <summary>The file's byte at which it begins.</summary>
    public long Position { get; set; }
}
