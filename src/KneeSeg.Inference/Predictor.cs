using System.Security.Cryptography;
using System.Text;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.Tiling;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>
/// A trained network, or an ensemble of several, with preprocessing: predicts labels on an image's own grid. Ensemble
/// probabilities are averaged on that grid, so members may differ in everything but their labels.
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

    /// <summary>The label map.</summary>
    public LabelSchema Profile => members[0].Profile;

    /// <summary>How predictions are made.</summary>
    public PredictionSource Source { get; }

    /// <summary>The ensemble members.</summary>
    internal IReadOnlyList<EnsembleMember> Members => members;

    /// <summary>Opens a run's best checkpoint, or those of several runs as an ensemble.</summary>
    /// <param name="runs">From <see cref="RunSet.Find" />.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="device">The device.</param>
    /// <param name="progress">Receives a warning if a corrupt checkpoint is skipped.</param>
    /// <param name="mode">How networks are applied; overlapping windows by default.</param>
    /// <exception cref="ProblemException">
    /// One is not a run folder (exit 3); it has no intact checkpoint, or one of another network or version, or members have
    /// different labels, or flips are unknown (exit 5).
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

    /// <summary>Predicts the labels of an image.</summary>
    /// <param name="image">Of any orientation, spacing and size.</param>
    /// <param name="progress">Receives the number of windows done and in total.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <returns>Labels on the image's own grid.</returns>
    /// <exception cref="ProblemException">
    /// A network outputs non-finite values (exit 7), or can't predict in tiles (exit 4, 6).
    /// </exception>
    public Volume<byte> Predict(
        Volume<float> image,
        Action<int, int>? progress = null,
        CancellationToken cancel = default
    ) => Predict(image, RequestedOutputs.Labels, progress, cancel).Labels;

    /// <summary>Predicts the labels of an image and the requested outputs.</summary>
    internal Prediction Predict(
        Volume<float> image,
        RequestedOutputs requested,
        Action<int, int>? progress = null,
        CancellationToken cancel = default,
        Action<string>? warn = null
    )
    {
        var grid = image.Grid;
        var preprocessed = new Dictionary<Preprocessor, PreprocessedImage>();
        foreach (var member in members)
            if (!preprocessed.ContainsKey(member.Preprocessor))
                preprocessed[member.Preprocessor] = member.Preprocessor.Apply(image);
        foreach (
            var warning in members
                .SelectMany(one =>
                    one.Images.Warnings(grid)
                        .Concat(one.Images.Warnings(preprocessed[one.Preprocessor]))
                )
                .Distinct()
        )
            warn?.Invoke(warning.What);
        // Frees temporary volumes before inference, so that the estimated peak holds.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var sizes = Array.ConvertAll(members, member => preprocessed[member.Preprocessor].Size);
        var plans = members.Zip(sizes, Plan).ToArray();
        var (done, all) = (0, plans.Sum(plan => plan.Count));
        void Report(int windows) => progress?.Invoke(done += windows, all);

        var classes = Profile.Classes;
        // Beyond what was preprocessed there is nothing but background.
        float[] outside = [1, .. new float[classes - 1]];
        SliceRangeResampler? resampler = null;
        var predictions = new List<IEnumerable<float[][]>>();
        for (var i = 0; i < members.Length; i++)
        {
            var member = members[i];
            var volume = preprocessed[member.Preprocessor].Volume;
            resampler = new SliceRangeResampler(volume.Grid, grid);
            predictions.Add(
                resampler.Slices(
                    Windows(member).SliceRanges(volume.Voxels, sizes[i], plans[i], Report, cancel),
                    outside
                )
            );
        }
        return EnsembleAverage.Of(predictions, resampler!, classes, requested);
    }

    /// <summary>Estimates an image's windows and memory.</summary>
    /// <exception cref="ProblemException">It exceeds the memory (exit 6), or exact tiling is impossible (exit 4).</exception>
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
                $"predicting it needs about {ByteSize.Of(bytes)}, but only {ByteSize.Of(Memory)} are free",
                "Free some memory, omit --probabilities, or use a smaller network"
            );
        var count = plans.Sum(plan => plan.Count);
        return new(
            $"{count} {(mode.Exact ? "tile" : "window")}{(count == 1 ? "" : "s")} of {plans[0].Largest}",
            [
                .. plans.Zip(
                    members,
                    (plan, member) => (double)plan.InputVoxels * (1 + FlipsOf(member).Count)
                ),
            ],
            bytes
        );
    }

    /// <summary>Each member's seconds per window voxel.</summary>
    internal double[] SecondsPerVoxel() =>
        Array.ConvertAll(members, member => Windows(member).SecondsPerVoxel());

    /// <summary>Frees the weights.</summary>
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
                // The other half is for the image, its labels and outputs.
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
                $"has the labels of {member.Profile.Name}, but the first run has those of {first.Profile.Name}",
                "Use runs with the same labels for an ensemble"
            );
        if (mode.Flips && member.Mirror is null)
            throw new ProblemException(
                ExitCode.Checkpoint,
                run,
                "was trained by a version that did not record which flips are allowed",
                "Predict without --tta, or train again"
            );
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
