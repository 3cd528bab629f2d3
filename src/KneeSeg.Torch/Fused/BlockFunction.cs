using KneeSeg.Kernels;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>One pass through a block: what libtorch's autograd hands from forward to backward beside tensors.</summary>
/// <param name="block">The block, for this size.</param>
/// <param name="inputs">How many tensors its input is concatenated of.</param>
/// <param name="hasResidual">Whether a residual is added.</param>
/// <param name="keep">By image and channel; null without dropout.</param>
/// <param name="running">The running statistics to use; null for those of the batch.</param>
internal sealed class BlockPass(
    Block block,
    int inputs,
    bool hasResidual,
    float[][]? keep,
    (float[] Means, float[] Variances, double Epsilon)? running
)
{
    private Affine[] lines = [];
    private Tensor?[] held = [];

    /// <summary>The statistics of the norm; null without one.</summary>
    public Statistics? Statistics { get; private set; }

    /// <summary>Computes the block.</summary>
    /// <param name="values">The inputs, kernel, bias, gamma, beta and residual; undefined ones are null.</param>
    /// <param name="keepsRaw">Whether the convolution's own answer is kept for a backward pass.</param>
    /// <returns>The output, and the convolution's answer if it is kept and differs.</returns>
    public (Tensor Output, Tensor? Raw) Forward(Tensor?[] values, bool keepsRaw)
    {
        var given = new Values(values, inputs);
        var maps = TensorMaps.Concat(given.Inputs);
        long[] shape = [given.Inputs[0].shape[0], block.Outputs, .. Axes(given.Inputs[0])];
        var raw = empty(shape);
        var rawMaps = TensorMaps.Of(raw);
        Statistics = block.Convolve(maps, given.Parameters, rawMaps);
        if (running is var (means, variances, epsilon))
            Statistics!.Fix(means, variances, epsilon);
        lines = Lines(given.Parameters, maps.Length);
        keepsRaw &= !IsPlain;
        var output = keepsRaw ? empty(shape) : raw;
        var (outputMaps, residual) = (TensorMaps.Of(output), Residual(given));
        for (var image = 0; image < maps.Length; image++)
            block.Finish(rawMaps[image], outputMaps[image], residual?[image], lines[image]);
        return (output, keepsRaw ? raw : null);
    }

    /// <summary>Keeps handles until libtorch has its own.</summary>
    public void ReleaseLater(params Tensor?[] handles) => held = handles;

    /// <summary>Frees them.</summary>
    public void Release()
    {
        foreach (var handle in held)
            handle?.Dispose();
        held = [];
    }

    /// <summary>The whole block in one pass; without gradients, dropout or statistics of the batch.</summary>
    public Tensor Predict(Tensor?[] values)
    {
        var given = new Values(values, inputs);
        var maps = TensorMaps.Concat(given.Inputs);
        var output = empty([given.Inputs[0].shape[0], block.Outputs, .. Axes(given.Inputs[0])]);
        if (running is var (means, variances, epsilon))
            Statistics = block.Running(means, variances, epsilon, maps.Length);
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

    /// <summary>The gradients of all values, in their order; null where none is needed.</summary>
    public List<Tensor?> Backward(Tensor?[] values, bool[] isNeeded, Tensor? raw, Tensor gradient)
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
        List<Tensor?> gradients = [.. ofInputs];
        gradients.Add(Like(values[inputs], found.Kernel));
        gradients.Add(Like(values[inputs + 1], found.Bias));
        gradients.Add(Like(values[inputs + 2], found.Gamma));
        gradients.Add(Like(values[inputs + 3], found.Beta));
        gradients.Add(
            values[inputs + 4] is not { } residual ? null
            : residual.shape[1] == block.Outputs ? dense.alias()
            : dense.sum([1], keepdim: true)
        );
        for (var i = 0; i < gradients.Count; i++)
            if (!isNeeded[i])
            {
                gradients[i]?.Dispose();
                gradients[i] = null;
            }
        return gradients;
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

    private static Tensor? Like(Tensor? value, double[] numbers) =>
        value is null
            ? null
            : tensor(Array.ConvertAll(numbers, number => (float)number), value.shape);

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

/// <summary>A block as a function of libtorch's autograd.</summary>
internal sealed class BlockFunction : autograd.SingleTensorFunction<BlockFunction>
{
    // Libtorch reads returned gradients after backward has returned them, and TorchSharp leaves them to the garbage collector.
    [ThreadStatic]
    private static List<Tensor?>? returned;

    public override string Name => nameof(BlockFunction);

    /// <summary>The block's output.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="values">See <see cref="BlockPass.Forward"/>.</param>
    public static Tensor Of(BlockPass pass, Tensor?[] values)
    {
        var output = apply([pass, .. values.Cast<object>()]);
        pass.Release();
        return output;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var pass = (BlockPass)vars[0];
        Tensor?[] values = [.. vars.Skip(1).Select(value => (Tensor?)value)];
        var (output, raw) = pass.Forward(values, keepsRaw: true);
        pass.ReleaseLater(output, raw);
        ctx.save_for_backward([.. values.Append(raw).Select(value => value!)]);
        ctx.save_data(nameof(BlockPass), pass);
        ctx.save_data("needed", values.Select(value => value?.requires_grad == true).ToArray());
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        DisposeReturned();
        var pass = (BlockPass)ctx.get_data(nameof(BlockPass));
        var needed = (bool[])ctx.get_data("needed");
        var saved = ctx.get_saved_variables();
        Tensor?[] values = [.. saved.Select(value => value is { IsInvalid: false } ? value : null)];
        returned = pass.Backward(values[..^1], needed, values[^1], grad_output);
        foreach (var value in saved.Append(grad_output))
            value?.Dispose();
        return [null!, .. returned.Select(value => value!)];
    }

    /// <summary>Frees what the last backward pass returned.</summary>
    public static void DisposeReturned()
    {
        foreach (var value in returned ?? [])
            value?.Dispose();
        returned = null;
    }
}
