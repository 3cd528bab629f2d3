using KneeSeg.Dsl;
using Onnx;

namespace KneeSeg.Onnx.Operators;

/// <summary>A max pooling whose indices are used.</summary>
/// <param name="Pooled">Its value.</param>
/// <param name="Indices">The places of its maxima in the map that was pooled, counted over the whole tensor.</param>
/// <param name="Map">That map.</param>
internal sealed record PooledIndices(string Pooled, string Indices, string Map);

/// <summary>Poolings and unpooling.</summary>
internal static class Pooling
{
    /// <summary>Max pooling; its own padding never wins, zeros of a layer before may.</summary>
    public static string Max(OnnxLayer layer, WindowOp op)
    {
        if (!MayPad(op))
            return WithIndices(layer, op).Pooled;
        // ONNX Runtime fuses a padding with zeros into a pooling, which then ignores them, but not if the pooling has indices.
        string[] outputs = layer.Model.IsFrom("Pad", layer.Input)
            ? [layer.Node.Stage, layer.Named("indices")]
            : [layer.Node.Stage];
        return layer.Model.Add("MaxPool", outputs, [layer.Input], Window(op, op.Before, op.After))[
            0
        ];
    }

    /// <summary>Max pooling with indices, of a map that is padded before, as they count its voxels.</summary>
    public static PooledIndices WithIndices(OnnxLayer layer, WindowOp op)
    {
        var map = op.Before.Concat(op.After).All(side => side == 0)
            ? layer.Input
            : Padded(layer, layer.Input, op, float.NegativeInfinity);
        string[] outputs = [layer.Node.Stage, layer.Named("indices")];
        layer.Model.Add("MaxPool", outputs, [map], Window(op, Nothing(op), Nothing(op)));
        return new(outputs[0], outputs[1], map);
    }

    /// <summary>
    /// Puts each voxel at its pooling's index, zeros elsewhere; scattered, since few execution providers have MaxUnpool.
    /// </summary>
    public static string Unpool(OnnxLayer layer, WindowOp op, PooledIndices pool)
    {
        var model = layer.Model;
        var shape = layer.Step("shape", "Shape", [pool.Map]);
        var count = layer.Step("count", "ReduceProd", [shape], Attributes.Of("keepdims", 1));
        var zeros = layer.Step("zeros", "ConstantOfShape", [count]);
        var scattered = layer.Step(
            "scattered",
            "ScatterElements",
            [
                zeros,
                layer.Reshape("places", pool.Indices, -1),
                layer.Reshape("voxels", layer.Input, -1),
            ]
        );
        if (op.Before.Concat(op.After).All(side => side == 0))
            return layer.Add("Reshape", [scattered, shape]);
        var map = layer.Step("map", "Reshape", [scattered, shape]);
        int[] Less(int[] sides) => [.. sides.Select(side => -side)];
        return layer.Add(
            "Pad",
            [map, Resizing.Sides(layer, Less(op.Before), Less(op.After)), model.Numbers([0])]
        );
    }

    /// <summary>Average pooling; padding is not counted.</summary>
    public static string Average(OnnxLayer layer, WindowOp op)
    {
        if (MayPad(op))
            return layer.Add(
                "AveragePool",
                [layer.Input],
                [.. Window(op, op.Before, op.After), Attributes.Of("count_include_pad", 0)]
            );
        var window = Window(op, Nothing(op), Nothing(op));
        var sums = layer.Step("sums", "AveragePool", [Padded(layer, layer.Input, op, 0)], window);
        var shape = layer.WithSpaceOf(layer.Input, 1, 1);
        var ones = layer.Step("ones", "Expand", [layer.Model.Numbers([1]), shape]);
        var inside = layer.Step("inside", "AveragePool", [Padded(layer, ones, op, 0)], window);
        return layer.Add("Div", [sums, inside]);
    }

    /// <summary>
    /// Adaptive average pooling to one vector: along each axis a product with a matrix of means. Cells may overlap by a voxel.
    /// </summary>
    public static string Adaptive(OnnxLayer layer, int[] size, int cells)
    {
        if (cells == 1)
            return layer.Add(
                "ReduceMean",
                [layer.Input],
                Attributes.Of("axes", Enumerable.Range(2, layer.Axes))
            );
        // Each round the last axis becomes the first of space; after as many rounds as axes they are in order again.
        int[] order = [0, 1, layer.Axes + 1, .. Enumerable.Range(2, layer.Axes - 1)];
        var value = layer.Input;
        foreach (var length in Enumerable.Reverse(size))
        {
            var means = layer.Model.Numbers(Means(length, cells), length, cells);
            var product = layer.Step($"means of {value}", "MatMul", [value, means]);
            value = layer.Transpose($"turned {value}", product, order);
        }
        long[] vector = [0, -1, .. Enumerable.Repeat(1L, layer.Axes)];
        return layer.Add("Reshape", [value, layer.Model.Integers(vector)]);
    }

    // ONNX Runtime takes no padding that is as wide as the window.
    private static bool MayPad(WindowOp op) =>
        op
            .Before.Zip(op.After, op.Size)
            .All(axis => Math.Max(axis.First, axis.Second) < axis.Third);

    private static string Padded(OnnxLayer layer, string value, WindowOp op, float with) =>
        layer.Step(
            $"padded {value}",
            "Pad",
            [value, Resizing.Sides(layer, op.Before, op.After), layer.Model.Numbers([with])]
        );

    private static int[] Nothing(WindowOp op) => new int[op.Size.Length];

    private static float[] Means(int length, int cells)
    {
        var means = new float[length * cells];
        for (var cell = 0; cell < cells; cell++)
        {
            var (from, to) = (cell * length / cells, ((cell + 1) * length + cells - 1) / cells);
            for (var i = from; i < to; i++)
                means[i * cells + cell] = 1f / (to - from);
        }
        return means;
    }

    private static AttributeProto[] Window(WindowOp op, int[] before, int[] after) =>
        [
            Attributes.Of("kernel_shape", op.Size),
            Attributes.Of("strides", op.Stride),
            Attributes.Of("pads", [.. before, .. after]),
        ];
}
