using KneeSeg.Dsl;

namespace KneeSeg.Onnx.Operators;

/// <summary>Scaled dot-product attention, written out.</summary>
internal static class Attention
{
    /// <summary>Between all voxels of a map.</summary>
    public static string Of(OnnxLayer layer, AttentionOp op)
    {
        var (heads, width) = (op.Heads, op.Channels / op.Heads);
        // [N, part, head, channel, voxel]
        var parts = layer.Reshape("parts", layer.Input, 0, 3, heads, width, -1);
        var query = layer.Transpose("query", Part(layer, "queries", parts, 0, axis: 1), 0, 1, 3, 2);
        var key = Part(layer, "key", parts, 1, axis: 1);
        var value = layer.Transpose("value", Part(layer, "values", parts, 2, axis: 1), 0, 1, 3, 2);
        var result = Between(layer, query, key, value, width, added: null);
        var shape = layer.WithSpaceOf(layer.Input, 0, op.Channels);
        return layer.Add("Reshape", [layer.Transpose("by head", result, 0, 1, 3, 2), shape]);
    }

    /// <summary>Queries, keys or values of parts along an axis, which goes.</summary>
    public static string Part(OnnxLayer layer, string name, string parts, int part, int axis) =>
        layer.Step(
            name,
            "Gather",
            [parts, layer.Model.Indices($"{part}", [part])],
            Attributes.Of("axis", axis)
        );

    /// <summary>Attention between the rows of each set.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="query"><c>[…, rows, width]</c>.</param>
    /// <param name="key"><c>[…, width, rows]</c>.</param>
    /// <param name="value"><c>[…, rows, width]</c>.</param>
    /// <param name="width">Channels of a head.</param>
    /// <param name="added">What is added to the scores; null for nothing.</param>
    /// <returns><c>[…, rows, width]</c>.</returns>
    public static string Between(
        OnnxLayer layer,
        string query,
        string key,
        string value,
        int width,
        string? added
    )
    {
        var scale = layer.Model.Numbers([(float)(1 / Math.Sqrt(width))]);
        var scores = layer.Step(
            "scores",
            "MatMul",
            [layer.Step("scaled query", "Mul", [query, scale]), key]
        );
        if (added is not null)
            scores = layer.Step("biased scores", "Add", [scores, added]);
        var weights = layer.Step("weights", "Softmax", [scores], Attributes.Of("axis", -1));
        return layer.Step("attended", "MatMul", [weights, value]);
    }
}
