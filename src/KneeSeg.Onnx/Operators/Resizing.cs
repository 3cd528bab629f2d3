namespace KneeSeg.Onnx.Operators;

/// <summary>Padding, upsampling and broadcasting.</summary>
internal static class Resizing
{
    /// <summary>Zeros before and after on each axis; negative numbers crop.</summary>
    public static string Pad(OnnxLayer layer, int[] before, int[] after) =>
        layer.Add("Pad", [layer.Input, Sides(layer, before, after), layer.Model.Numbers([0])]);

    /// <summary>The sides of space as ONNX counts them: all befores, then all afters, with those of batch and channels.</summary>
    public static string Sides(OnnxLayer layer, int[] before, int[] after) =>
        layer.Model.Integers([0, 0, .. before, 0, 0, .. after]);

    /// <summary>Nearest-neighbor upsampling.</summary>
    public static string Nearest(OnnxLayer layer, int[] factor) =>
        layer.Add(
            "Resize",
            [layer.Input, "", Scales(layer, factor)],
            Attributes.Of("mode", "nearest"),
            Attributes.Of("coordinate_transformation_mode", "asymmetric"),
            Attributes.Of("nearest_mode", "floor")
        );

    /// <summary>Linear upsampling.</summary>
    public static string Linear(OnnxLayer layer, int[] factor, bool alignCorners) =>
        layer.Add(
            "Resize",
            [layer.Input, "", Scales(layer, factor)],
            Attributes.Of("mode", "linear"),
            Attributes.Of(
                "coordinate_transformation_mode",
                alignCorners ? "align_corners" : "half_pixel"
            )
        );

    /// <summary>A learned map, resized to the argument's size and added.</summary>
    public static string Embedding(OnnxLayer layer)
    {
        long[] shape = [1, .. layer.Tensors["weight"].shape];
        var size = layer.WithSpaceOf(layer.Input, 1, shape[1]);
        var resized = layer.Step(
            "resized",
            "Resize",
            [layer.Weight("weight", shape), "", "", size],
            Attributes.Of("mode", "linear"),
            Attributes.Of("coordinate_transformation_mode", "half_pixel")
        );
        return layer.Add("Add", [layer.Input, resized]);
    }

    /// <summary>The first argument, of one voxel, over the space of the second.</summary>
    public static string Broadcast(OnnxLayer layer) =>
        layer.Add("Expand", [layer.Input, layer.WithSpaceOf(layer.Inputs[1], 1, 1)]);

    private static string Scales(OnnxLayer layer, int[] factor) =>
        layer.Model.Numbers([1, 1, .. factor.Select(times => (float)times)], factor.Length + 2);
}
