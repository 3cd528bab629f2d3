using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch;

/// <summary>The device that a name on the command line means.</summary>
public static class DeviceChoice
{
    /// <summary>The processor, or the first graphics card.</summary>
    /// <param name="name"><c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="ProblemException">Another name, or several cards (exit 2); no such device, or built without it (exit 6).</exception>
    public static Device Resolve(string name)
    {
        if (
            name.StartsWith("cuda", StringComparison.Ordinal) && name.AsSpan().ContainsAny(':', ',')
        )
            throw new ProblemException(
                ExitCode.Usage,
                $"--device {name}",
                "a run takes one graphics card, the first that it sees",
                "Give each run a card of its own, such as CUDA_VISIBLE_DEVICES=1 kneeseg train … --device cuda for the second: "
                    + "folds, seeds and variants then train side by side"
            );
        if (name is not ("cpu" or "cuda"))
            throw new ProblemException(
                ExitCode.Usage,
                "--device",
                $"there is no '{name}'",
                "Use cpu or cuda"
            );
        NativeStart.Initialize();
        if (name == "cpu")
            return CPU;
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "libtorch_cuda.so")))
            throw Unavailable(
                "this build has no CUDA libraries",
                "Build again with KNEESEG_CUDA=1 set, where the package TorchSharp-cuda-linux is to be had, or use --device cpu"
            );
        if (!TryInitializeDeviceType(DeviceType.CUDA) || !cuda.is_available())
            throw Unavailable(
                "no graphics card with a working CUDA driver was found",
                "Check that nvidia-smi lists one, or use --device cpu"
            );
        return CUDA;
    }

    private static ProblemException Unavailable(string what, string fix) =>
        new(ExitCode.Resources, "--device cuda", what, fix);
}
