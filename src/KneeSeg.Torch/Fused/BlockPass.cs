using KneeSeg.Kernels;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>
/// A pass through a block. Its values are the inputs, kernel, bias, gamma, beta and residual, all dense; undefined ones are null.
/// </summary>
/// <param name="block">The block, for this size.</param>
/// <param name="inputs">How many tensors its input is concatenated of.</param>
/// <param name="hasResidual">Whether a residual is added.</param>
/// <param name="keep">By image and channel; null without dropout.</param>
/// <param name="running">The running statistics to use; null for those of the batch.</param>
/// <param name="atOnce">Whether a pass without gradients need not keep to the steps, and the bytes, of one with them.</param>
internal sealed class BlockPass(
    Block block,
    int inputs,
    bool hasResidual,
    float[][]? keep,
    RunningStatistics? running,
    bool atOnce
) : IPass
{
    private Affine[] lines = [];

    /// <summary>The statistics of the norm; null without one.</summary>
    public Statistics? Statistics { get; private set; }

    public bool KeepsValues => true;

    public Tensor Run(Tensor?[] values) =>
        atOnce ? Predict(values) : Forward(values, keepsRaw: false).Output;

    public (Tensor Output, Tensor? Kept) Forward(Tensor?[] values) =>
        Forward(values, keepsRaw: true);

    // What is kept is the convolution's own answer, if the output differs.
    private (Tensor Output, Tensor? Raw) Forward(Tensor?[] values, bool keepsRaw)
    {
        var given = new Values(values, inputs);
        var maps = TensorMaps.Concat(given.Inputs);
        long[] shape = [given.Inputs[0].shape[0], block.Outputs, .. Axes(given.Inputs[0])];
        var raw = empty(shape);
        var rawMaps = TensorMaps.Of(raw);
        Statistics = block.Convolve(maps, given.Parameters, rawMaps);
        if (running is not null)
            Statistics!.Fix(running.Means, running.Variances, running.Epsilon);
        lines = Lines(given.Parameters, maps.Length);
        keepsRaw &= !IsPlain;
        var output = keepsRaw ? empty(shape) : raw;
        var (outputMaps, residual) = (TensorMaps.Of(output), Residual(given));
        for (var image = 0; image < maps.Length; image++)
            block.Finish(rawMaps[image], outputMaps[image], residual?[image], lines[image]);
        return (output, keepsRaw ? raw : null);
    }

    /// <summary>The whole block in one pass; without gradients, dropout or statistics of the batch.</summary>
    private Tensor Predict(Tensor?[] values)
    {
        var given = new Values(values, inputs);
        var maps = TensorMaps.Concat(given.Inputs);
        var output = empty([given.Inputs[0].shape[0], block.Outputs, .. Axes(given.Inputs[0])]);
        if (running is not null)
            Statistics = block.Running(
                running.Means,
                running.Variances,
                running.Epsilon,
                maps.Length
            );
        var (outputMaps, residual) = (TensorMaps.Of(output), Residual(given));
        var affine = Lines(given.Parameters, maps.Length);
        for (var image = 0; image < maps.Length; image++)
            block.Predict(
                maps[image],
                given.Parameters,
                outputMaps[image],
                residual?[image],
                affine[image]
            );
        return output;
    }

    public Tensor?[] Backward(Tensor?[] values, bool[] isNeeded, Tensor? raw, Tensor gradient)
    {
        var given = new Values(values, inputs);
        using var dense = TensorMaps.Dense(gradient);
        var ofInputs = given.Inputs.Select(input => empty(input.shape)).ToArray();
        var found = block.Backward(
            TensorMaps.Concat(given.Inputs),
            given.Parameters,
            // Without anything behind the convolution its answer does not matter.
            TensorMaps.Of(raw ?? dense),
            TensorMaps.Of(dense),
            Statistics,
            lines,
            isNeeded[..inputs].Any(needed => needed) ? TensorMaps.Concat(ofInputs) : null
        );
        return
        [
            .. ofInputs,
            TensorMaps.Like(values[inputs], found.Kernel),
            TensorMaps.Like(values[inputs + 1], found.Bias),
            TensorMaps.Like(values[inputs + 2], found.Gamma),
            TensorMaps.Like(values[inputs + 3], found.Beta),
            values[inputs + 4] is not { } residual ? null
            : residual.shape[1] == block.Outputs ? dense.alias()
            : dense.sum([1], keepdim: true),
        ];
    }

    // The output is the convolution's answer itself.
    private bool IsPlain => block.IsPlain && keep is null && !hasResidual;

    private Affine[] Lines(Parameters parameters, int images) =>
        [
            .. Enumerable
                .Range(0, images)
                .Select(image => block.Line(Statistics, image, parameters, keep?[image])),
        ];

    private Maps[]? Residual(Values given) => hasResidual ? TensorMaps.Of(given.Residual!) : null;

    private long[] Axes(Tensor like) => TensorMaps.AxesOf(block.OutputSize, (int)like.dim() - 2);

    /// <summary>The tensors of a pass by their roles; all dense.</summary>
    private readonly unsafe struct Values(Tensor?[] values, int inputs)
    {
        public Tensor[] Inputs { get; } = [.. values.Take(inputs).Select(value => value!)];

        public Parameters Parameters { get; } =
            new(
                TensorMaps.Address(values[inputs]!),
                values[inputs + 1] is { } bias ? TensorMaps.Address(bias) : null,
                values[inputs + 2] is { } gamma ? TensorMaps.Numbers(gamma) : null,
                values[inputs + 3] is { } beta ? TensorMaps.Numbers(beta) : null
            );

        public Tensor? Residual { get; } = values[inputs + 4];
    }
}
