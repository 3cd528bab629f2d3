using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Experiments;

/// <summary>The result of one check.</summary>
/// <param name="What">What was checked.</param>
/// <param name="State">What was found.</param>
/// <param name="Fix">What to do; null if nothing is wrong.</param>
/// <param name="Needed">Whether KneeSeg does not work without it.</param>
public sealed record Diagnosis(string What, string State, string? Fix = null, bool Needed = false);

/// <summary>Checks what KneeSeg needs of a machine.</summary>
public static class Doctor
{
    private const long GiB = 1L << 30;
    private const long EnoughMemory = 6 * GiB;
    private const long EnoughDisk = 5 * GiB;

    /// <summary>Runs all checks.</summary>
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
                $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)} works"
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
                ? "bfloat16, which this processor multiplies faster, for training and prediction"
                : "float32: this processor gains nothing from bfloat16"
        );

    private static Diagnosis Memory()
    {
        var total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return total >= EnoughMemory
            ? new("memory", Size(total))
            : new(
                "memory",
                Size(total),
                "Use smaller patches or +tiny: training usually needs 6 GiB or more"
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
                "Free disk space: runs and predictions usually need 5 GiB or more"
            );
    }

    private static Diagnosis Graphics()
    {
        try
        {
            DeviceChoice.Resolve("cuda");
            return new("GPU", "CUDA works: use --device cuda");
        }
        catch (ProblemException e)
        {
            return new("GPU", $"not used: {e.What}", e.Fix);
        }
    }

    private static Diagnosis Scripts()
    {
        if (Directory.Exists(Path.Combine(AppContext.BaseDirectory, "dotnet", "sdk")))
            return new("F# scripts", "F# is part of this download");
        try
        {
            using var sdk = Process.Start(
                new ProcessStartInfo("dotnet", ["--version"]) { RedirectStandardOutput = true }
            )!;
            var version = sdk.StandardOutput.ReadToEnd().Trim();
            sdk.WaitForExit();
            return new("F# scripts", $".NET SDK {version} runs .fsx files");
        }
        catch (global::System.ComponentModel.Win32Exception)
        {
            return new(
                "F# scripts",
                "no .NET SDK on the PATH",
                "Install it, or write networks as .json"
            );
        }
    }

    private static string Size(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / GiB:0.0} GiB");
}
