using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace KneeSeg.Kernels;

/// <summary>An activation and its derivative, both as functions of what it is given.</summary>
internal interface IActivation
{
    V Value(V x);

    V Derivative(V x);
}

/// <summary>None.</summary>
internal readonly struct Identity : IActivation
{
    public V Value(V x) => x;

    public V Derivative(V x) => V.One;
}

/// <summary>ReLU and leaky ReLU: x above 0, slope·x below.</summary>
internal readonly struct Rectifier(float slope) : IActivation
{
    // Not a product where it is 0: that of minus infinity would be NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value(V x) =>
        Vector512.ConditionalSelect(
            Vector512.LessThanOrEqual(x, V.Zero),
            slope == 0 ? V.Zero : x * slope,
            x
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Derivative(V x) =>
        Vector512.ConditionalSelect(
            Vector512.LessThanOrEqual(x, V.Zero),
            Vector512.Create(slope),
            V.One
        );
}

/// <summary>ELU, CELU and SELU: scale·x above 0, scale·alpha·(exp(x / alpha') - 1) below.</summary>
/// <param name="scale">Of all.</param>
/// <param name="alpha">The value that minus infinity comes near.</param>
/// <param name="rate">1 / alpha'.</param>
internal readonly struct Exponential(float scale, float alpha, float rate) : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value(V x) =>
        Select(x, x * scale, (Vector512.Exp(Below(x)) - V.One) * (scale * alpha));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Derivative(V x) =>
        Select(x, Vector512.Create(scale), Vector512.Exp(Below(x)) * (scale * alpha * rate));

    // Above 0 the exponential might overflow, and is not used.
    private V Below(V x) => Vector512.Min(x, V.Zero) * rate;

    private static V Select(V x, V above, V below) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(x, V.Zero), above, below);
}

/// <summary>Sigmoid.</summary>
internal readonly struct Sigmoid : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value(V x) => V.One / (V.One + Vector512.Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Derivative(V x)
    {
        var value = Value(x);
        return value * (V.One - value);
    }
}

/// <summary>SiLU: x·sigmoid(x).</summary>
internal readonly struct Silu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Value(V x) => x * default(Sigmoid).Value(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Derivative(V x)
    {
        var gate = default(Sigmoid).Value(x);
        return gate * (V.One + x * (V.One - gate));
    }
}

/// <summary>
/// What lies between a convolution and its activation, per channel of an image, as one line, and the factor of dropout behind the
/// activation.
/// </summary>
/// <param name="Factor">1 without a norm.</param>
/// <param name="Addend">0 without a norm.</param>
/// <param name="Keep">0 where dropout zeroes the channel.</param>
internal sealed record Affine(float[] Factor, float[] Addend, float[] Keep)
{
    /// <summary>That changes nothing, but for dropout.</summary>
    public static Affine None(int channels, float[]? keep = null) =>
        new(Ones(channels), new float[channels], keep ?? Ones(channels));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(int channel, V y) =>
        Vector512.FusedMultiplyAdd(
            y,
            Vector512.Create(Factor[channel]),
            Vector512.Create(Addend[channel])
        );

    private static float[] Ones(int channels) => [.. Enumerable.Repeat(1f, channels)];
}

/// <summary>What a norm's statistics add to the gradient of what it normalizes: slope·y + offset.</summary>
internal sealed record BackwardAffine(float[] Slope, float[] Offset)
{
    /// <summary>Of a norm by running statistics, or none.</summary>
    public static BackwardAffine None(int channels) =>
        new(new float[channels], new float[channels]);
}
