using KneeSeg.Kernels;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>A function of the maps of an image that learns nothing. Its value is the input, dense.</summary>
/// <param name="size">Of its output.</param>
/// <param name="forward">Writes the output from the input.</param>
/// <param name="backward">Writes the input's gradient from the input and the output's gradient.</param>
/// <param name="readsInput">Whether the gradient needs the input; else it is given the output's gradient twice.</param>
internal sealed class MapPass(
    Extent size,
    Action<IWorkers, Maps, Maps> forward,
    Action<IWorkers, Maps, Maps, Maps> backward,
    bool readsInput
) : IPass
{
    private long[] inputShape = [];

    public bool KeepsValues => readsInput;

    public Tensor Run(Tensor?[] values)
    {
        var input = values[0]!;
        inputShape = input.shape;
        var output = empty([.. inputShape[..2], .. TensorMaps.AxesOf(size, inputShape.Length - 2)]);
        foreach (var (from, to) in TensorMaps.Of(input).Zip(TensorMaps.Of(output)))
            forward(LibtorchWorkers.Instance, from, to);
        return output;
    }

    public (Tensor Output, Tensor? Kept) Forward(Tensor?[] values) => (Run(values), null);

    public Tensor?[] Backward(Tensor?[] values, bool[] isNeeded, Tensor? kept, Tensor gradient)
    {
        using var dense = TensorMaps.Dense(gradient);
        var ofInput = empty(inputShape);
        var gradients = TensorMaps.Of(dense);
        var inputs = readsInput ? TensorMaps.Of(values[0]!) : gradients;
        var ofInputs = TensorMaps.Of(ofInput);
        for (var image = 0; image < gradients.Length; image++)
            backward(LibtorchWorkers.Instance, inputs[image], gradients[image], ofInputs[image]);
        return [ofInput];
    }
}
