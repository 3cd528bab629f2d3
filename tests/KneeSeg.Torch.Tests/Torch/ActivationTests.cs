using System.Runtime.InteropServices;
using KneeSeg.Dsl;
using KneeSeg.Specs;
using KneeSeg.Torch.Layers;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>Activations against their formulas, and against what the memory model says of them.</summary>
public sealed class ActivationTests
{
    public ActivationTests() => NativeStart.Initialize();

    private const double Selu = 1.0507009873554805;

    private static readonly (Activation Of, Func<double, double> Formula)[] All =
    [
        (Activation.Relu, x => Math.Max(x, 0)),
        (Activation.NewLeakyRelu(0.1), x => x > 0 ? x : 0.1 * x),
        (Activation.Elu, x => x > 0 ? x : Math.Exp(x) - 1),
        (Activation.NewCelu(0.5), x => x > 0 ? x : 0.5 * (Math.Exp(x / 0.5) - 1)),
        (Activation.Selu, x => Selu * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1))),
        (Activation.Relu6, x => Math.Clamp(x, 0, 6)),
        (Activation.Gelu, x => x * (1 + Erf(x / Math.Sqrt(2))) / 2),
        (
            Activation.GeluTanh,
            x => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2
        ),
        (Activation.Silu, x => x / (1 + Math.Exp(-x))),
        (Activation.HardSwish, x => x * Math.Clamp(x + 3, 0, 6) / 6),
        (Activation.Mish, x => x * Math.Tanh(Math.Log(1 + Math.Exp(x)))),
        (Activation.Softplus, x => Math.Log(1 + Math.Exp(x))),
        (Activation.Sigmoid, x => 1 / (1 + Math.Exp(-x))),
        (Activation.HardSigmoid, x => Math.Clamp(x + 3, 0, 6) / 6),
        (Activation.Tanh, Math.Tanh),
        (Activation.HardTanh, x => Math.Clamp(x, -1, 1)),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, All.Length)];

    // Between the corners of all of them.
    private static readonly double[] Points =
    [
        .. Enumerable.Range(0, 41).Select(i => -7.31 + 0.365 * i),
    ];

    /// <summary>The integral of Gauss's function by Simpson's rule.</summary>
    private static double Erf(double x)
    {
        const int Parts = 2000;
        double At(int i) =>
            Math.Exp(-Math.Pow(x * i / Parts, 2)) * (i % Parts == 0 ? 1 : 2 + 2 * (i % 2));
        return 2 / Math.Sqrt(Math.PI) * x / (3 * Parts) * Enumerable.Range(0, Parts + 1).Sum(At);
    }

    [Fact]
    public void Every_activation_is_compared() =>
        // PReLUs have weights, softmax several channels, and tests of their own.
        Assert.Equal(
            typeof(Activation.Tags)
                .GetFields()
                .Select(field => (int)field.GetRawConstantValue()!)
                .Order(),
            All.Select(row => row.Of.Tag)
                .Append(Activation.PRelu.Tag)
                .Append(Activation.SinglePRelu.Tag)
                .Append(Activation.ChannelSoftmax.Tag)
                .Order()
        );

    [Theory]
    [MemberData(nameof(Rows))]
    public void Values_and_slopes_are_those_of_the_formula(int row)
    {
        var (activation, formula) = All[row];
        var x = tensor(Points, requires_grad: true);
        var y = ActivationFunctions.Of(activation)(x);
        y.sum().backward();
        const double Step = 1e-5;
        var values = Points.Select(formula);
        var slopes = Points.Select(at => (formula(at + Step) - formula(at - Step)) / (2 * Step));
        Assert.All(
            values.Zip(y.data<double>()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-12)
        );
        Assert.All(
            slopes.Zip(x.grad!.data<double>()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-8)
        );
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_backward_pass_reads_what_the_memory_model_keeps(int row)
    {
        var activation = All[row].Of;
        Assert.NotEqual(Legal.savesOutput(activation), Reads(input: true));
        // A composed one is a product of its input, whose output nobody reads.
        Assert.Equal(Legal.savesOutput(activation), Reads(input: false));

        // A tensor that was changed can no longer be read by a backward pass.
        bool Reads(bool input)
        {
            var x = ones([4L], requires_grad: true) * 1;
            var y = ActivationFunctions.Of(activation)(x);
            using (no_grad())
                (input ? x : y).add_(1);
            try
            {
                y.sum().backward();
                return false;
            }
            catch (ExternalException)
            {
                return true;
            }
        }
    }
}
