using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace KneeSeg.Kernels.Tests;

/// <summary>Results do not depend on the number of threads, and are right on processors with narrower vectors or none.</summary>
public sealed unsafe class MachineTests
{
    private const string Child = "KNEESEG_KERNELS_VECTOR_BITS";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Any_number_of_threads_gives_the_same_bytes(int stride)
    {
        var bytes = new[] { 1, 2, 4 }.Select(threads => Answers(new(threads), stride)).ToArray();
        Assert.Equal(bytes[0], bytes[1]);
        Assert.Equal(bytes[0], bytes[2]);
    }

    private static List<double> Answers(PoolWorkers workers, int stride)
    {
        var random = new Random(1);
        var g = new Geometry(
            2,
            3,
            new(40, 40, 40),
            Extent.All(3),
            Extent.All(stride),
            Extent.All(1),
            Extent.All(1)
        );
        using var input = new NativeMaps(2, g.Size, random);
        using var raw = new NativeMaps(3, g.OutputSize);
        using var output = new NativeMaps(3, g.OutputSize);
        using var gradient = new NativeMaps(3, g.OutputSize, random);
        using var ofInput = new NativeMaps(2, g.Size);
        using var kernel = new NativeMaps(6, g.Kernel, random);
        var block = new Block(
            g,
            isTransposed: false,
            new(NormKind.Batch, 1, 1e-5),
            new Epilogue<Rectifier>(new(0)),
            workers
        );
        var parameters = new Parameters(kernel.Start, null, null, null);
        var statistics = block.Convolve([input.Maps], parameters, [raw.Maps]);
        var line = block.Line(statistics, 0, parameters, null);
        block.Finish(raw.Maps, output.Maps, null, line);
        var found = block.Backward(
            [input.Maps],
            parameters,
            [raw.Maps],
            [gradient.Maps],
            statistics,
            [line],
            [ofInput.Maps]
        );
        return
        [
            .. output.Values,
            .. ofInput.Values,
            .. found.Kernel,
            .. found.Gamma,
            .. found.Beta,
        ];
    }

    /// <summary>Runs the tests of the kernels again where .NET may not use the widest vectors.</summary>
    [Theory]
    [InlineData("EnableAVX512", 256)]
    [InlineData("EnableHWIntrinsic", 0)]
    public void Kernels_are_right_with_narrower_vectors(string instructions, int bits)
    {
        if (Environment.GetEnvironmentVariable(Child) is not null)
            return;
        var program = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var one in new[]
            {
                "*BlockTests",
                "*ConvolutionTests",
                "*WinogradTests",
                "*MachineTests",
            }
        )
        {
            program.ArgumentList.Add("-class");
            program.ArgumentList.Add(one);
        }
        program.Environment[$"DOTNET_{instructions}"] = "0";
        program.Environment[Child] = $"{bits}";
        using var child = Process.Start(program)!;
        var errors = child.StandardError.ReadToEndAsync();
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, output + errors.Result);
    }

    [Fact]
    public void Vectors_are_as_wide_as_the_test_that_started_this_says()
    {
        if (Environment.GetEnvironmentVariable(Child) is not { } bits)
            return;
        Assert.False(Vector512.IsHardwareAccelerated);
        Assert.Equal(bits != "0", Vector256.IsHardwareAccelerated);
    }
}
