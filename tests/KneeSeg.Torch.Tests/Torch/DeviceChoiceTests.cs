using TorchSharp;

namespace KneeSeg.Torch.Tests;

/// <summary>What <c>--device</c> means.</summary>
public sealed class DeviceChoiceTests
{
    [Fact]
    public void The_CPU_is_always_available() =>
        Assert.Equal(DeviceType.CPU, DeviceChoice.Resolve("cpu").type);

    [Fact]
    public void Another_name_is_a_usage_error() =>
        Assert.Equal(
            ExitCode.Usage,
            Assert.Throws<ProblemException>(() => DeviceChoice.Resolve("gpu")).Exit
        );

    [Fact]
    public void Cuda_without_its_packages_says_how_to_get_them()
    {
        var problem = Assert.Throws<ProblemException>(() => DeviceChoice.Resolve("cuda"));
        Assert.Equal(ExitCode.Resources, problem.Exit);
        Assert.Contains("KNEESEG_CUDA=1", problem.Fix);
        Assert.Contains("--device cpu", problem.Fix);
    }
}
