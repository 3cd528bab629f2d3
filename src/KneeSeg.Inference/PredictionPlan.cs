using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Inference.Engines;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.Tiling;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using static System.FormattableString;

namespace KneeSeg.Inference;

/// <summary>
/// How an image is predicted: each member's windows and what they take. It is made of the image's grid, before any voxel is
/// read; the printed estimate, the memory check and the run use the same plan.
/// </summary>
/// <param name="Image">The image's grid.</param>
/// <param name="Output">The requested outputs.</param>
/// <param name="Named">The named outputs among them.</param>
/// <param name="Windows">Each member's windows.</param>
/// <param name="InputVoxels">Each member's input voxels, flips included.</param>
/// <param name="Summary">The windows, in words.</param>
/// <param name="Bytes">Peak memory in bytes beyond the weights.</param>
internal sealed record PredictionPlan(
    Grid Image,
    PredictionOutput Output,
    IReadOnlyList<PredictedOutput> Named,
    IReadOnlyList<WindowPlan> Windows,
    IReadOnlyList<double> InputVoxels,
    string Summary,
    long Bytes
)
{
    /// <summary>Plans an image.</summary>
    /// <param name="members">The networks.</param>
    /// <param name="image">The image's grid.</param>
    /// <param name="output">The requested outputs.</param>
    /// <param name="named">The named outputs among them.</param>
    /// <param name="mode">How networks are applied.</param>
    /// <exception cref="ProblemException">Exact tiling is impossible (exit 4), or needs more memory (exit 6).</exception>
    public static PredictionPlan Of(
        IReadOnlyList<EnsembleMember> members,
        Grid image,
        PredictionOutput output,
        IReadOnlyList<PredictedOutput> named,
        PredictionMode mode
    )
    {
        ModelSize[] sizes =
        [
            .. members.Select(member => ModelSize.Of(member.Preprocessor.TargetFor(image))),
        ];
        WindowPlan[] windows =
        [
            .. members.Zip(sizes, (member, size) => WindowsOf(member, size, mode, members.Count)),
        ];
        var channels = Math.Max(1, members[0].Channels.Count);
        var maps = named.Sum(one => one.Maps);
        var networks = members
            .Zip(windows)
            .Sum(one =>
                one.Second.BytesFor(
                    one.First.Engine.Graph,
                    one.First.Patch,
                    one.First.Engine.ElementBytes,
                    maps
                )
            );
        var preprocessed = members
            .Zip(sizes)
            .DistinctBy(one => one.First.Preprocessor)
            .Select(one => one.Second.Count * channels);
        var count = windows.Sum(plan => plan.Count);
        return new(
            image,
            output,
            named,
            windows,
            [
                .. windows.Zip(
                    members,
                    (plan, member) => (double)plan.InputVoxels * (1 + mode.FlipsFor(member).Count)
                ),
            ],
            $"{count} {(mode.Exact ? "tile" : "window")}{(count == 1 ? "" : "s")} of {windows[0].Largest}",
            PeakBytes(
                image.Size.Count,
                channels,
                preprocessed,
                networks,
                members[0].Profile.Classes,
                maps,
                output
            )
        );
    }

    /// <summary>A member's windows over a volume.</summary>
    /// <param name="member">The network.</param>
    /// <param name="size">The volume's.</param>
    /// <param name="mode">How networks are applied.</param>
    /// <param name="members">How many there are.</param>
    /// <exception cref="ProblemException">Exact tiling is impossible (exit 4), or needs more memory (exit 6).</exception>
    public static WindowPlan WindowsOf(
        EnsembleMember member,
        ModelSize size,
        PredictionMode mode,
        int members
    ) =>
        mode.Exact
            ? ExactTiling.For(
                member.Engine.Graph,
                member.Patch,
                size,
                member.Engine.ElementBytes,
                // The other half is for the image, its labels and outputs.
                mode.AvailableMemory
                    / 2
                    / members
            )
            : WindowPlan.Overlapping(member.Patch, size);

    /// <summary>Refuses an image that does not fit into memory.</summary>
    /// <exception cref="ProblemException">It needs more than this (exit 6).</exception>
    public void CheckMemory(long available)
    {
        if (Bytes > available)
            throw new ProblemException(
                ExitCode.Resources,
                $"an image of {Image.Size} voxels",
                $"predicting it needs about {ByteSize.Of(Bytes)}, but only {ByteSize.Of(available)} are free",
                "Free some memory, omit --probabilities, or use a smaller network"
            );
    }

    /// <summary>One line about several plans, printed before predicting.</summary>
    /// <param name="network">The network's name.</param>
    /// <param name="plans">At least one.</param>
    /// <param name="secondsPerVoxel">Of each member.</param>
    /// <param name="used">The bytes that the process has already.</param>
    public static string Estimate(
        string network,
        IReadOnlyList<PredictionPlan> plans,
        IReadOnlyList<double> secondsPerVoxel,
        long used
    )
    {
        var seconds = plans.Sum(plan =>
            plan.InputVoxels.Zip(secondsPerVoxel, (n, s) => n * s).Sum()
        );
        var time =
            seconds < 90
                ? Invariant($"{Math.Max(1, seconds):0} s")
                : Invariant($"{seconds / 60:0} min");
        var largest = plans.MaxBy(plan => plan.Bytes)!;
        return $"{plans.Count} {(plans.Count == 1 ? "image" : "images")} by {network} in {largest.Summary}: about {time}, at most {ByteSize.Of(used + largest.Bytes)} of memory";
    }

    /// <summary>Peak memory of predicting an image in bytes.</summary>
    internal static long PeakBytes(
        long voxels,
        int channels,
        IEnumerable<long> preprocessed,
        long networks,
        int classes,
        int furtherMaps,
        PredictionOutput output
    )
    {
        var kept = preprocessed.Select(count => sizeof(float) * count).ToArray();
        var image = sizeof(float) * voxels * channels;
        // Original, reoriented, resampled, and normalized.
        var preprocessing = 2 * image + kept.Sum() + 2 * kept.Max();
        // Output bytes per voxel; probabilities are converted to float32 for writing, one class at a time.
        var outputBytes =
            1
            + (output.Probabilities ? sizeof(ushort) * (classes - 1) : 0)
            + (output.Uncertainty ? sizeof(float) : 0)
            + sizeof(float) * furtherMaps;
        var written = output.Probabilities ? sizeof(float) * voxels : 0;
        // Outputs exist twice: in the maps' order, and reoriented to the image's grid.
        var inference = image + kept.Sum() + networks + 2 * outputBytes * voxels + written;
        return Math.Max(preprocessing, inference);
    }
}

/// <summary>How a network is applied to an image.</summary>
/// <param name="Exact">
/// Exact tiling, equal to predicting the whole image at once, instead of overlapping windows of the training patch size.
/// </param>
/// <param name="Flips">Test-time augmentation: averages over all flips that the training dataset allows.</param>
/// <param name="Memory">The memory limit in bytes beyond the weights; null for all free memory.</param>
public sealed record PredictionMode(bool Exact = false, bool Flips = false, long? Memory = null)
{
    /// <summary>What computes the networks of runs; exported models always run on ONNX Runtime.</summary>
    public Engine Engine { get; init; }

    /// <summary>What computes narrow layers of networks that libtorch computes.</summary>
    public KernelChoice Kernels { get; init; }

    /// <summary>The text stored with predictions.</summary>
    public string Word =>
        (Exact, Flips) switch
        {
            (false, false) => "windows",
            (false, true) => "windows, flips",
            (true, false) => "exact",
            (true, true) => "exact, flips",
        };

    /// <summary>The limit in bytes.</summary>
    internal long AvailableMemory => Memory ?? Processor.FreeMemory;

    /// <summary>The flips that a member's probabilities are averaged over.</summary>
    internal IReadOnlyList<TestTimeFlip> FlipsFor(EnsembleMember member) =>
        Flips ? TestTimeFlip.All(member.Mirror!, member.Patch.Kind) : [];
}
