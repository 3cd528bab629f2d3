using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Experiments;

/// <summary>One thing that the doctor looked at.</summary>
/// <param name="What">What it is.</param>
/// <param name="State">How it is here.</param>
/// <param name="Fix">What to do; null where all is well.</param>
/// <param name="Needed">Whether nothing works without it.</param>
public sealed record Diagnosis(string What, string State, string? Fix = null, bool Needed = false);

/// <summary>Looks at what KneeSeg needs of a machine.</summary>
public static class Doctor
{
    private const long GiB = 1L << 30;
    private const long EnoughMemory = 6 * GiB;
    private const long EnoughDisk = 5 * GiB;

    /// <summary>Looks at everything.</summary>
    public static IReadOnlyList<Diagnosis> Examine() =>
        [System(), Libtorch(), Speed(), Precise(), Memory(), Disk(), Graphics(), Scripts()];

    private static Diagnosis System() =>
        new("system", $"{RuntimeInformation.OSDescription}, .NET {Environment.Version}");

    private static Diagnosis Libtorch()
    {
        try
        {
            NativeStart.Initialize();
            using var one = ones(1);
            return new(
                "libtorch",
                $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)} loads and computes"
            );
        }
        catch (ProblemException e)
        {
            return new("libtorch", e.What, e.Fix, Needed: true);
        }
    }

    private static Diagnosis Speed() => new("processor", $"{Processor.Cores} cores");

    private static Diagnosis Precise() =>
        new(
            "precision",
            Processor.HasBfloat16
                ? "bfloat16 in hardware: training and prediction use it"
                : "no bfloat16 in hardware: float32 is used, which takes two to three times as long"
        );

    private static Diagnosis Memory()
    {
        var total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return total >= EnoughMemory
            ? new("memory", Size(total))
            : new(
                "memory",
                Size(total),
                "Train on smaller patches or with +tiny: networks want 6 GiB and more"
            );
    }

    private static Diagnosis Disk()
    {
        var free = new DriveInfo(Directory.GetCurrentDirectory()).AvailableFreeSpace;
        return free >= EnoughDisk
            ? new("disk", $"{Size(free)} free here")
            : new(
                "disk",
                $"{Size(free)} free here",
                "Make space: runs and predictions want 5 GiB and more"
            );
    }

    private static Diagnosis Graphics()
    {
        try
        {
            DeviceChoice.Resolve("cuda");
            return new("graphics card", "CUDA works: train with --device cuda");
        }
        catch (ProblemException e)
        {
            return new("graphics card", $"not used: {e.What}", e.Fix);
        }
    }

    private static Diagnosis Scripts()
    {
        try
        {
            using var sdk = Process.Start(
                new ProcessStartInfo("dotnet", ["--version"]) { RedirectStandardOutput = true }
            )!;
            var version = sdk.StandardOutput.ReadToEnd().Trim();
            sdk.WaitForExit();
            return new("network files", $".NET SDK {version} reads .fsx files");
        }
        catch (global::System.ComponentModel.Win32Exception)
        {
            return new(
                "network files",
                "no .NET SDK on the path",
                "Install it, or give networks as .json"
            );
        }
    }

    private static string Size(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / GiB:0.0} GiB");
}
