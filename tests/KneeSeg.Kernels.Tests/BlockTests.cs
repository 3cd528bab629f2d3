namespace KneeSeg.Kernels.Tests;

/// <summary>Convolution, norm, activation, dropout and residual together, against central differences in double precision.</summary>
public sealed unsafe class BlockTests
{
    private const int Images = 2;
    private const double Epsilon = 1e-3;

    private static readonly Dictionary<
        string,
        (Epilogue Own, Func<double, double> Of)
    > Activations = new()
    {
        ["identity"] = (new Epilogue<Identity>(default), x => x),
        ["relu"] = (new Epilogue<Rectifier>(new(0)), x => Math.Max(x, 0)),
        ["leaky"] = (new Epilogue<Rectifier>(new(0.1f)), x => x > 0 ? x : 0.1 * x),
        ["elu"] = (new Epilogue<Exponential>(new(1, 1, 1)), x => x > 0 ? x : Math.Exp(x) - 1),
        ["selu"] = (
            new Epilogue<Exponential>(new(1.0507009873554805f, 1.6732632423543772f, 1)),
            x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1))
        ),
        ["celu"] = (
            new Epilogue<Exponential>(new(1, 2, 0.5f)),
            x => x > 0 ? x : 2 * (Math.Exp(x / 2) - 1)
        ),
        ["sigmoid"] = (new Epilogue<Sigmoid>(default), x => 1 / (1 + Math.Exp(-x))),
        ["silu"] = (new Epilogue<Silu>(default), x => x / (1 + Math.Exp(-x))),
    };

    public static TheoryData<string, string, bool, int> Cases
    {
        get
        {
            TheoryData<string, string, bool, int> cases = [];
            foreach (var activation in Activations.Keys)
                cases.Add(activation, "batch", false, 1);
            foreach (var norm in new[] { "none", "instance", "group", "running" })
            {
                cases.Add("relu", norm, false, 1);
                cases.Add("elu", norm, true, 2);
            }
            cases.Add("leaky", "batch", true, 2);
            cases.Add("leaky", "batch", false, 2);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_block_and_its_gradients_are_those_of_the_definition(
        string activation,
        string normName,
        bool isTransposed,
        int stride
    )
    {
        var random = new Random(3);
        var g = new Geometry(
            isTransposed ? 4 : 2,
            isTransposed ? 2 : 4,
            new(3, 4, 19),
            new(3, 2, 3),
            Extent.All(stride),
            new(1, 0, 1),
            new(1, 1, 1)
        );
        var (inputs, outputs) = isTransposed ? (g.Outputs, g.Inputs) : (g.Inputs, g.Outputs);
        var (inputSize, outputSize) = isTransposed
            ? (g.OutputSize, g.Size)
            : (g.Size, g.OutputSize);
        NativeMaps[] Batch(int channels, Extent size, bool isDrawn = true) =>
            [
                .. Enumerable
                    .Range(0, Images)
                    .Select(_ =>
                        isDrawn ? new NativeMaps(channels, size, random) : new(channels, size)
                    ),
            ];
        var (input, residual) = (Batch(inputs, inputSize), Batch(1, outputSize));
        var (raw, output) = (Batch(outputs, outputSize, false), Batch(outputs, outputSize, false));
        var gradient = Batch(outputs, outputSize);
        var ofInput = Batch(inputs, inputSize, false);
        using var kernel = new NativeMaps(g.Outputs * g.Inputs, g.Kernel, random);
        using var bias = new NativeMaps(outputs, Extent.All(1), random);
        float[] gamma = [.. Enumerable.Range(0, outputs).Select(_ => random.NextSingle() + 0.5f)];
        float[] beta = [.. Enumerable.Range(0, outputs).Select(_ => random.NextSingle() - 0.5f)];
        float[] running = [.. Enumerable.Range(0, outputs).Select(_ => random.NextSingle() + 0.5f)];
        var keep = Enumerable
            .Range(0, Images)
            .Select(_ => Enumerable.Range(0, outputs).Select(c => c == 1 ? 0 : 1.25f).ToArray())
            .ToArray();
        var (own, function) = Activations[activation];
        var norm = normName switch
        {
            "none" => null,
            "instance" => new Norm(NormKind.Group, outputs, Epsilon),
            "group" => new Norm(NormKind.Group, 2, Epsilon),
            _ => new Norm(NormKind.Batch, 1, Epsilon),
        };
        var block = new Block(g, isTransposed, norm, own, new PoolWorkers(2));
        var parameters = new Parameters(
            kernel.Start,
            bias.Start,
            norm is null ? null : gamma,
            norm is null ? null : beta
        );
        static Maps[] All(NativeMaps[] batch) => Array.ConvertAll(batch, one => one.Maps);

        var statistics = block.Convolve(All(input), parameters, All(raw));
        if (normName == "running")
            statistics!.Fix(running, running, Epsilon);
        var lines = Enumerable
            .Range(0, Images)
            .Select(n => block.Line(statistics, n, parameters, keep[n]))
            .ToArray();
        for (var n = 0; n < Images; n++)
            block.Finish(raw[n].Maps, output[n].Maps, residual[n].Maps, lines[n]);
        var found = block.Backward(
            All(input),
            parameters,
            All(raw),
            All(gradient),
            statistics,
            lines,
            All(ofInput)
        );

        var values = new Values(
            Join(input),
            kernel.Values,
            bias.Values,
            Array.ConvertAll(gamma, x => (double)x),
            Array.ConvertAll(beta, x => (double)x)
        );
        Reference.Near(Outputs(values), Join(output), 1e-5);
        var weighting = Join(gradient);
        double Loss() => Outputs(values).Zip(weighting, (a, b) => a * b).Sum();
        Reference.Near(Differences(values.Input, Loss, 6), Some(Join(ofInput), 6), 1e-4);
        Reference.Near(Differences(values.Kernel, Loss, 6), Some(found.Kernel, 6), 1e-4);
        if (norm is not null)
        {
            Reference.Near(Differences(values.Gamma, Loss, 4), found.Gamma, 1e-4);
            Reference.Near(Differences(values.Beta, Loss, 4), found.Beta, 1e-4);
        }
        // Before a norm over the channel alone the bias changes nothing; differences are rounding.
        if (normName is "none" or "running" or "group")
            Reference.Near(Differences(values.Bias, Loss, 4), found.Bias, 1e-4);
        if (normName is "none" or "running")
            for (var n = 0; n < Images; n++)
            {
                using var predicted = new NativeMaps(outputs, outputSize);
                block.Predict(
                    input[n].Maps,
                    parameters,
                    predicted.Maps,
                    residual[n].Maps,
                    block.Line(statistics, n, parameters, null)
                );
                block.Finish(
                    raw[n].Maps,
                    output[n].Maps,
                    residual[n].Maps,
                    block.Line(statistics, n, parameters, null)
                );
                Reference.Near(output[n].Values, predicted.Values);
            }
        foreach (
            var maps in new[] { input, residual, raw, output, gradient, ofInput }.SelectMany(x => x)
        )
            maps.Dispose();

        double[] Outputs(Values v)
        {
            var voxels = (int)outputSize.Voxels;
            double[] y =
            [
                .. v
                    .Input.Chunk(v.Input.Length / Images)
                    .SelectMany(image => Convolved(image, v, voxels)),
            ];
            int Group(int i)
            {
                var (n, c) = (i / voxels / outputs, i / voxels % outputs);
                return normName switch
                {
                    "instance" => n * outputs + c,
                    "group" => (n * outputs + c) / 2,
                    _ => c,
                };
            }
            var groups = Enumerable.Range(0, y.Length).GroupBy(Group, i => y[i]);
            var statisticsOf = groups.ToDictionary(
                group => group.Key,
                group =>
                    normName == "running"
                        ? ((double)running[group.Key], running[group.Key])
                        : (
                            group.Average(),
                            group.Average(x => x * x) - Math.Pow(group.Average(), 2)
                        )
            );
            for (var i = 0; i < y.Length; i++)
            {
                var (n, c) = (i / voxels / outputs, i / voxels % outputs);
                var (mean, variance) = statisticsOf[Group(i)];
                if (norm is not null)
                    y[i] = v.Gamma[c] * (y[i] - mean) / Math.Sqrt(variance + Epsilon) + v.Beta[c];
                y[i] = keep[n][c] * function(y[i]) + residual[n].Values[i % voxels];
            }
            return y;
        }

        IEnumerable<double> Convolved(double[] image, Values v, int voxels) =>
            isTransposed
                ? Reference.OfInput(g, image, v.Kernel).Select((y, i) => y + v.Bias[i / voxels])
                : Reference.Forward(g, image, v.Kernel, v.Bias);
    }

    private sealed record Values(
        double[] Input,
        double[] Kernel,
        double[] Bias,
        double[] Gamma,
        double[] Beta
    );

    private static double[] Join(NativeMaps[] batch) => [.. batch.SelectMany(one => one.Values)];

    private static int[] Places(int length, int count) =>
        [.. Enumerable.Range(0, count).Select(i => i * length / count)];

    private static double[] Some(double[] all, int count) =>
        Array.ConvertAll(Places(all.Length, count), i => all[i]);

    private static double[] Differences(double[] values, Func<double> loss, int count) =>
        Array.ConvertAll(
            Places(values.Length, count),
            i =>
            {
                const double step = 1e-6;
                var before = values[i];
                values[i] = before + step;
                var above = loss();
                values[i] = before - step;
                var below = loss();
                values[i] = before;
                return (above - below) / (2 * step);
            }
        );
}
