using KneeSeg.Torch.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>Resolves the --device option.</summary>
public static class DeviceChoice
{
    /// <summary>The CPU, or the first GPU, for libtorch.</summary>
    /// <param name="name"><c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="ProblemException">Another name, or several GPUs (exit 2); no such device, or built without it (exit 6).</exception>
    public static Device Resolve(string name)
    {
        var device = Parse(name);
        if (device.type == DeviceType.CPU)
            return device;
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "libtorch_cuda.so")))
            throw Unavailable(
                "this build has no CUDA libraries",
                "Rebuild with KNEESEG_CUDA=1 where the package TorchSharp-cuda-linux is available, or use --device cpu"
            );
        if (!TryInitializeDeviceType(DeviceType.CUDA) || !cuda.is_available())
            throw Unavailable(
                "no GPU with a working CUDA driver was found",
                "Check that nvidia-smi lists a GPU, or use --device cpu"
            );
        return device;
    }

    /// <summary>The CPU, or the first GPU, which need not be there.</summary>
    /// <param name="name"><c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="ProblemException">Another name, or several GPUs (exit 2).</exception>
    public static Device Parse(string name)
    {
        if (
            name.StartsWith("cuda", StringComparison.Ordinal) && name.AsSpan().ContainsAny(':', ',')
        )
            throw new ProblemException(
                ExitCode.Usage,
                $"--device {name}",
                "a run uses one GPU, the first visible one",
                "Give each run its own GPU, for example CUDA_VISIBLE_DEVICES=1 kneeseg train … --device cuda for the second: "
                    + "folds, seeds and variants then train in parallel"
            );
        if (name is not ("cpu" or "cuda"))
            throw new ProblemException(
                ExitCode.Usage,
                "--device",
                $"unknown device '{name}'",
                "Use cpu or cuda"
            );
        NativeStart.Initialize();
        // The property torch.CUDA fails where there is none.
        return name == "cpu" ? CPU : new Device(DeviceType.CUDA);
    }

    private static ProblemException Unavailable(string what, string fix) =>
        new(ExitCode.Resources, "--device cuda", what, fix);
}
