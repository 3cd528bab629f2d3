using KneeSeg.Kernels;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>A function of the maps of an image that learns nothing, and its gradient.</summary>
/// <param name="Size">Of its output.</param>
/// <param name="Forward">Writes the output from the input.</param>
/// <param name="Backward">Writes the input's gradient from the input and the output's gradient.</param>
/// <param name="ReadsInput">Whether the gradient needs the input.</param>
internal sealed record MapPass(
    Extent Size,
    Action<IWorkers, Maps, Maps> Forward,
    Action<IWorkers, Maps, Maps, Maps> Backward,
    bool ReadsInput
)
{
    /// <summary>The shape of the input.</summary>
    public long[] InputShape { get; set; } = [];
}

/// <summary>Such a function in libtorch's autograd.</summary>
internal sealed class MapFunction : autograd.SingleTensorFunction<MapFunction>
{
    [ThreadStatic]
    private static Tensor? returned;

    [ThreadStatic]
    private static Tensor? unwrapped;

    public override string Name => nameof(MapFunction);

    public static Tensor Of(MapPass pass, Tensor input)
    {
        var output = apply(pass, input);
        unwrapped!.Dispose();
        return output;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (pass, input) = ((MapPass)vars[0], (Tensor)vars[1]);
        pass.InputShape = input.shape;
        unwrapped = empty([
            .. input.shape[..2],
            .. TensorMaps.AxesOf(pass.Size, (int)input.dim() - 2),
        ]);
        foreach (var (from, to) in TensorMaps.Of(input).Zip(TensorMaps.Of(unwrapped)))
            pass.Forward(LibtorchWorkers.Instance, from, to);
        ctx.save_for_backward(pass.ReadsInput ? [input] : []);
        ctx.save_data(nameof(MapPass), pass);
        return unwrapped;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        returned?.Dispose();
        var pass = (MapPass)ctx.get_data(nameof(MapPass));
        using var dense = TensorMaps.Dense(grad_output);
        var saved = ctx.get_saved_variables();
        returned = empty(pass.InputShape);
        var gradients = TensorMaps.Of(dense);
        var inputs = pass.ReadsInput ? TensorMaps.Of(saved[0]) : gradients;
        var ofInputs = TensorMaps.Of(returned);
        for (var image = 0; image < gradients.Length; image++)
            pass.Backward(
                LibtorchWorkers.Instance,
                inputs[image],
                gradients[image],
                ofInputs[image]
            );
        foreach (var value in saved.Append(grad_output))
            value.Dispose();
        return [null!, returned];
    }
}
