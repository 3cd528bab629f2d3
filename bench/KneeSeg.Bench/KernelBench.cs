using KneeSeg.Kernels;
using KneeSeg.Torch.Fused;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Bench;

/// <summary>
/// Single convolutions of few channels by our own kernels against libtorch's in float32, on maps of one image; forward, and all
/// gradients.
/// </summary>
internal static class KernelBench
{
    private static readonly (int Side, int Inputs, int Outputs, int Kernel, int Stride)[] Layers =
    [
        (160, 1, 1, 3, 1),
        (160, 2, 1, 3, 1),
        (160, 1, 2, 3, 1),
        (160, 1, 4, 3, 1),
        (160, 4, 4, 3, 1),
        (160, 1, 1, 1, 1),
        (160, 2, 1, 2, 1),
        (160, 1, 1, 5, 1),
        (160, 1, 1, 3, 2),
        (80, 2, 2, 3, 1),
        (80, 4, 2, 3, 1),
        (80, 8, 8, 3, 1),
        (80, 8, 16, 3, 1),
    ];

    /// <summary>Two ratios a layer.</summary>
    public static IEnumerable<Ratio> Run()
    {
        NativeStart.Initialize();
        foreach (var (side, inputs, outputs, kernel, stride) in Layers)
        {
            var (before, after) = ((kernel - 1) / 2, kernel / 2);
            var convolution = new Convolution(
                new(
                    inputs,
                    outputs,
                    Extent.All(side),
                    Extent.All(kernel),
                    Extent.All(stride),
                    Extent.All(before),
                    Extent.All(after)
                )
            );
            using var scope = NewDisposeScope();
            var input = randn([1, inputs, side, side, side]);
            var weight = randn([outputs, inputs, kernel, kernel, kernel]);
            var size = convolution.Geometry.OutputSize;
            var output = empty([1, outputs, size.Depth, size.Height, size.Width]);
            var gradient = randn(output.shape);
            var ofInput = empty(input.shape);

            var (traced, learned) = (
                input.clone().requires_grad_(),
                weight.clone().requires_grad_()
            );
            // Uneven padding is a copy in libtorch, and no part of what is compared.
            Tensor Libtorch() =>
                nn.functional.conv3d(
                    traced,
                    learned,
                    strides: [stride, stride, stride],
                    padding: [after, after, after]
                );
            var answer = Libtorch();
            var given = randn(answer.shape);
            var name = $"{side}^3 {inputs} to {outputs}, kernel {kernel}, stride {stride}";
            yield return Ratio.Measure(
                $"{name}, forward",
                Forward(convolution, input, weight, output),
                () => Libtorch().Dispose()
            );
            yield return Ratio.Measure(
                $"{name}, backward",
                Backward(convolution, input, weight, gradient, ofInput),
                () => answer.backward([given], retain_graph: true)
            );
        }
    }

    private static unsafe Action Forward(
        Convolution convolution,
        Tensor input,
        Tensor weight,
        Tensor output
    )
    {
        // With the sums that a norm needs.
        var sums = new double[2 * convolution.Geometry.Outputs];
        return () =>
            convolution.Forward(
                LibtorchWorkers.Instance,
                new Plain(TensorMaps.Of(input)[0]),
                TensorMaps.Address(weight),
                null,
                new Stored(TensorMaps.Of(output)[0], Extent.All(1)),
                sums
            );
    }

    private static unsafe Action Backward(
        Convolution convolution,
        Tensor input,
        Tensor weight,
        Tensor gradient,
        Tensor ofInput
    )
    {
        var geometry = convolution.Geometry;
        var (ofKernel, ofBias) = (new double[geometry.Weights], new double[geometry.Outputs]);
        return () =>
            convolution.Backward(
                LibtorchWorkers.Instance,
                new Plain(TensorMaps.Of(input)[0]),
                new Plain(TensorMaps.Of(gradient)[0]),
                TensorMaps.Address(weight),
                new Stored(TensorMaps.Of(ofInput)[0], geometry.Stride),
                ofKernel,
                ofBias
            );
    }
}
