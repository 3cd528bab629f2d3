using System.Security.Cryptography;
using System.Text;
using KneeSeg.Data;
using KneeSeg.Imaging;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>
/// One trained network, or several as an ensemble, with all that goes with them: from an image as it is to labels on
/// the image's own grid. An ensemble's probabilities are averaged on that grid, so its members may differ in
/// everything but their labels.
/// </summary>
public sealed class Predictor : IDisposable
{
    private readonly EnsembleMember[] members;
    private readonly Precision precision;
    private readonly Device device;
    private readonly PredictionMode mode;

    private Predictor(
        EnsembleMember[] members,
        Precision precision,
        Device device,
        PredictionMode mode
    )
    {
        (this.members, this.precision, this.device) = (members, precision, device);
        this.mode = mode;
        Source = new PredictionSource(
            string.Join(", ", members.Select(member => member.Run.Network)),
            members is [var one]
                ? one.Hash
                : Hash(string.Concat(members.Select(member => member.Hash))),
            Autocast.Resolve(precision, device).ToString().ToLowerInvariant(),
            mode.Word
        );
    }

    /// <summary>What the labels mean.</summary>
    public LabelSchema Profile => members[0].Profile;

    /// <summary>Which weights these are.</summary>
    public PredictionSource Source { get; }

    /// <summary>What each member was trained on.</summary>
    internal IReadOnlyList<EnsembleMember> Members => members;

    /// <summary>Opens a run's best checkpoint, or those of several runs as an ensemble.</summary>
    /// <param name="runs">From <see cref="RunSet.Find" />.</param>
    /// <param name="precision">What networks compute in.</param>
    /// <param name="device">Where they run.</param>
    /// <param name="progress">Hears when a checkpoint is torn and another one is taken.</param>
    /// <param name="mode">How they go over an image; overlapping windows unless said.</param>
    /// <exception cref="ProblemException">
    /// One is no run folder (exit 3); it has no whole checkpoint, or one that was made for another network or by another
    /// version, or members have other labels, or it does not say how images may be mirrored (exit 5).
    /// </exception>
    public static Predictor Open(
        IReadOnlyList<string> runs,
        Precision precision,
        Device device,
        IProgressSink progress,
        PredictionMode? mode = null
    )
    {
        var members = new List<EnsembleMember>();
        try
        {
            foreach (var run in runs)
            {
                members.Add(EnsembleMember.Open(run, device, progress));
                Check(members[0], members[^1], run, mode ?? new());
            }
            return new Predictor([.. members], precision, device, mode ?? new());
        }
        catch
        {
            members.ForEach(member => member.Dispose());
            throw;
        }
    }

    /// <inheritdoc cref="Open(IReadOnlyList{string}, Precision, Device, IProgressSink, PredictionMode?)"/>
    public static Predictor Open(
        string run,
        Precision precision,
        Device device,
        IProgressSink progress,
        PredictionMode? mode = null
    ) => Open([run], precision, device, progress, mode);

    /// <summary>Labels an image.</summary>
    /// <param name="image">Of any orientation, spacing and size.</param>
    /// <param name="progress">Hears how many windows are done, of how many.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <returns>Labels on the image's own grid.</returns>
    /// <exception cref="ProblemException">
    /// A network gives values that are not finite (exit 7), or can't predict in tiles (exit 4, 6).
    /// </exception>
    public Volume<byte> Predict(
        Volume<float> image,
        Action<int, int>? progress = null,
        CancellationToken cancel = default
    ) => Predict(image, RequestedOutputs.Labels, progress, cancel).Labels;

    /// <summary>Labels an image and keeps what else is wanted.</summary>
    internal Prediction Predict(
        Volume<float> image,
        RequestedOutputs wanted,
        Action<int, int>? progress = null,
        CancellationToken cancel = default,
        Action<string>? warn = null
    )
    {
        var grid = image.Grid;
        var prepared = new Dictionary<Preprocessor, PreprocessedImage>();
        foreach (var member in members)
            if (!prepared.ContainsKey(member.Preprocessor))
                prepared[member.Preprocessor] = member.Preprocessor.Apply(image);
        foreach (
            var doubt in members
                .SelectMany(one =>
                    one.Images.Doubts(grid).Concat(one.Images.Doubts(prepared[one.Preprocessor]))
                )
                .Distinct()
        )
            warn?.Invoke(doubt.What);
        // What was only on the way goes back before networks ask for as much: the memory that was told is to hold.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var sizes = Array.ConvertAll(members, member => prepared[member.Preprocessor].Size);
        var plans = members.Zip(sizes, Plan).ToArray();
        var (done, all) = (0, plans.Sum(plan => plan.Count));
        void Report(int windows) => progress?.Invoke(done += windows, all);

        var classes = Profile.Classes;
        // Beyond what was prepared there is nothing but background.
        float[] outside = [1, .. new float[classes - 1]];
        SliceRangeResampler? resampler = null;
        var answers = new List<IEnumerable<float[][]>>();
        for (var i = 0; i < members.Length; i++)
        {
            var member = members[i];
            var volume = prepared[member.Preprocessor].Volume;
            resampler = new SliceRangeResampler(volume.Grid, grid);
            answers.Add(
                resampler.Slices(
                    Windows(member).Slabs(volume.Voxels, sizes[i], plans[i], Report, cancel),
                    outside
                )
            );
        }
        return EnsembleAverage.Of(answers, resampler!, classes, wanted);
    }

    /// <summary>What an image takes.</summary>
    /// <exception cref="ProblemException">It is more memory than there is (exit 6), or tiles can't do it (exit 4).</exception>
    internal WindowEstimate EstimateWindows(Grid image, PredictionOutput output)
    {
        var sizes = Array.ConvertAll(
            members,
            member => ModelSize.Of(member.Preprocessor.TargetFor(image))
        );
        var plans = members.Zip(sizes, Plan).ToArray();
        var windows = members
            .Zip(plans.Zip(sizes))
            .Sum(one => WindowsOf(one.First, one.Second.First, one.Second.Second));
        var bytes = ImageMemoryEstimate.Of(
            image.Size.Count,
            members
                .Zip(sizes)
                .DistinctBy(one => one.First.Preprocessor)
                .Select(one => one.Second.Count),
            windows,
            Profile.Classes,
            output
        );
        if (bytes > Memory)
            throw new ProblemException(
                ExitCode.Resources,
                $"an image of {image.Size} voxels",
                $"predicting it takes about {ByteSize.Of(bytes)}, and {ByteSize.Of(Memory)} are there",
                "Free some memory, leave out --probabilities, or use a smaller network"
            );
        var count = plans.Sum(plan => plan.Count);
        return new(
            $"{count} {(mode.Exact ? "tile" : "window")}{(count == 1 ? "" : "s")} of {plans[0].Largest}",
            [
                .. plans.Zip(
                    members,
                    (plan, member) => (double)plan.VoxelsSeen * (1 + FlipsOf(member).Count)
                ),
            ],
            bytes
        );
    }

    /// <summary>How long each member takes for a voxel of a window.</summary>
    internal double[] SecondsPerVoxel() =>
        Array.ConvertAll(members, member => Windows(member).SecondsPerVoxel());

    /// <summary>Lets go of the weights.</summary>
    public void Dispose()
    {
        foreach (var member in members)
            member.Dispose();
    }

    private long Memory => mode.Memory ?? Processor.FreeMemory;

    private int NumberBytes => Autocast.Width(precision, device);

    private WindowPlan Plan(EnsembleMember member, ModelSize size) =>
        mode.Exact
            ? ExactTiling.For(
                member.Network.Graph,
                member.Patch,
                size,
                NumberBytes,
                // Half is for the image, its labels and whatever else there is of them.
                Memory / 2 / members.Length
            )
            : WindowPlan.Overlapping(member.Patch, size);

    private long WindowsOf(EnsembleMember member, WindowPlan plan, ModelSize size) =>
        WindowMemoryEstimate.Of(member.Network.Graph, member.Patch, plan, size, NumberBytes);

    private SlidingWindow Windows(EnsembleMember member) =>
        new(member.Network, member.Patch, precision, device, FlipsOf(member));

    private IReadOnlyList<TestTimeFlip> FlipsOf(EnsembleMember member) =>
        mode.Flips ? TestTimeFlip.All(member.Mirror!, member.Patch.Kind) : [];

    private static void Check(
        EnsembleMember first,
        EnsembleMember member,
        string run,
        PredictionMode mode
    )
    {
        if (!first.Profile.SameOrder(member.Profile))
            throw new ProblemException(
                ExitCode.Checkpoint,
                run,
                $"has the labels of {member.Profile.Name}, the first run those of {first.Profile.Name}",
                "Make an ensemble of runs with the same labels"
            );
        if (mode.Flips && member.Mirror is null)
            throw new ProblemException(
                ExitCode.Checkpoint,
                run,
                "was trained by a version that did not keep how images may be mirrored",
                "Predict without --flips, or train again"
            );
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
