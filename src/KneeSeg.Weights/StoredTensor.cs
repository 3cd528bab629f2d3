namespace KneeSeg.Weights;

/// <summary>A serialized tensor: its type, shape and little-endian bytes in row-major order.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">Its size on each axis; empty for a scalar.</param>
/// <param name="Data">Its bytes, as many as type and shape require.</param>
public sealed record StoredTensor(TensorType Type, long[] Shape, byte[] Data)
{
    /// <summary>Type and shape, such as <c>F32[16, 1, 3, 3, 3]</c>.</summary>
    public string Form => $"{Type}[{string.Join(", ", Shape)}]";
}
