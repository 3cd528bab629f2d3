using static TorchSharp.torch;

namespace KneeSeg.Torch.Fused;

/// <summary>A computation by kernels of our own, and its gradients. An instance runs once.</summary>
internal interface IPass
{
    /// <summary>Whether the backward pass reads the values, which are kept for it then.</summary>
    bool KeepsValues { get; }

    /// <summary>The output, without gradients.</summary>
    /// <param name="values">The tensors that it depends on; null for those that it does not have.</param>
    Tensor Run(Tensor?[] values);

    /// <summary>The output, and what the backward pass reads beside the values; null for nothing.</summary>
    (Tensor Output, Tensor? Kept) Forward(Tensor?[] values);

    /// <summary>The gradients of the values, in their order; those that are not needed may be null.</summary>
    Tensor?[] Backward(Tensor?[] values, bool[] isNeeded, Tensor? kept, Tensor gradient);
}

/// <summary>A pass as a function of libtorch's autograd.</summary>
internal sealed class PassFunction : autograd.SingleTensorFunction<PassFunction>
{
    // Libtorch reads returned gradients after backward has returned them, and TorchSharp leaves them to the garbage collector.
    [ThreadStatic]
    private static Tensor?[]? returned;

    // Likewise what forward returned and kept, of which libtorch has handles of its own afterwards.
    [ThreadStatic]
    private static Tensor?[]? computed;

    public override string Name => nameof(PassFunction);

    /// <summary>The output of a pass; with a gradient if one of its values has one.</summary>
    public static Tensor Of(IPass pass, Tensor?[] values)
    {
        if (!is_grad_enabled() || !values.Any(value => value?.requires_grad == true))
            return pass.Run(values);
        var output = apply([pass, .. values.Cast<object>()]);
        Free(ref computed);
        return output;
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var pass = (IPass)vars[0];
        Tensor?[] values = [.. vars.Skip(1).Select(value => (Tensor?)value)];
        var (output, kept) = pass.Forward(values);
        computed = [output, kept];
        Tensor?[] saved = pass.KeepsValues ? values : new Tensor?[values.Length];
        ctx.save_for_backward([.. saved.Append(kept).Select(value => value!)]);
        ctx.save_data(nameof(IPass), pass);
        ctx.save_data("needed", values.Select(value => value?.requires_grad == true).ToArray());
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        Free(ref returned);
        var needed = (bool[])ctx.get_data("needed");
        var saved = ctx.get_saved_variables();
        Tensor?[] values = [.. saved.Select(value => value is { IsInvalid: false } ? value : null)];
        returned = ((IPass)ctx.get_data(nameof(IPass))).Backward(
            values[..^1],
            needed,
            values[^1],
            grad_output
        );
        foreach (var value in saved.Append(grad_output))
            value?.Dispose();
        for (var i = 0; i < returned.Length; i++)
            if (!needed[i])
            {
                returned[i]?.Dispose();
                returned[i] = null;
            }
        return [null!, .. returned.Select(value => value!)];
    }

    private static void Free(ref Tensor?[]? handles)
    {
        foreach (var handle in handles ?? [])
            handle?.Dispose();
        handles = null;
    }
}
