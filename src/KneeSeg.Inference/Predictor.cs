using System.Security.Cryptography;
using System.Text;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Morphology;
using KneeSeg.Imaging.Resampling;
using KneeSeg.Inference.Engines;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>
/// A trained network, or an ensemble of several, with preprocessing: predicts labels on an image's own grid. Ensemble
/// probabilities are averaged on that grid, so members may differ in everything but their labels.
/// </summary>
public sealed class Predictor : IDisposable
{
    // The background's logit where nothing else can be: its probability is 1.
    private const float CertainLogit = 100;

    private readonly EnsembleMember[] members;
    private readonly PredictionMode mode;

    private Predictor(EnsembleMember[] members, PredictionMode mode)
    {
        (this.members, this.mode) = (members, mode);
        Source = new PredictionSource(
            string.Join(", ", members.Select(member => member.Run.Network)),
            members is [var one]
                ? one.Hash
                : Hash(string.Concat(members.Select(member => member.Hash))),
            string.Join(", ", members.Select(member => member.Engine.Precision).Distinct()),
            members.Any(member => member.Engine is OnnxEngine) ? $"{mode.Word}, onnx" : mode.Word
        );
    }

    /// <summary>The label map.</summary>
    public LabelSchema Profile => members[0].Profile;

    /// <summary>The names of the channels of its images, in their order; empty for one without a name.</summary>
    public IReadOnlyList<string> Channels => members[0].Channels;

    /// <summary>How predictions are made.</summary>
    public PredictionSource Source { get; }

    /// <summary>The structures of the training cases: an ensemble's first member's, since folds share most cases.</summary>
    internal IReadOnlyList<StructureStatistics> Structures => members[0].Run.Structures ?? [];

    // The members' mean; null if one is not calibrated.
    private double? Temperature =>
        members.Aggregate((double?)0, (sum, one) => sum + one.Run.Temperature) / members.Length;

    /// <summary>Opens a run's best checkpoint or an exported model, or several as an ensemble.</summary>
    /// <param name="runs">From <see cref="RunSet.Find" />.</param>
    /// <param name="precision">The precision; ONNX Runtime computes in float32.</param>
    /// <param name="device">The device.</param>
    /// <param name="progress">Receives a warning if a corrupt checkpoint is skipped.</param>
    /// <param name="mode">How networks are applied; overlapping windows by default.</param>
    /// <exception cref="ProblemException">
    /// One is not a run folder (exit 3); it has no intact checkpoint, or one of another network or version, or members have
    /// different labels, or flips are unknown (exit 5); ONNX Runtime can't use the device (exit 6).
    /// </exception>
    public static Predictor Open(
        IReadOnlyList<string> runs,
        Precision precision,
        Device device,
        IProgressSink progress,
        PredictionMode? mode = null
    )
    {
        mode ??= new();
        var members = new List<EnsembleMember>();
        try
        {
            foreach (var run in runs)
            {
                members.Add(EnsembleMember.Open(run, mode, precision, device, progress));
                Check(members[0], members[^1], run, mode);
            }
            return new Predictor([.. members], mode);
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
    ) => Predict([image], progress, cancel);

    /// <summary>Predicts the labels of an image of several channels.</summary>
    /// <param name="channels">In the order of <see cref="Channels"/>; the labels are on the first one's grid.</param>
    /// <param name="progress">Receives the number of windows done and in total.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <inheritdoc cref="Predict(Volume{float}, Action{int, int}?, CancellationToken)"/>
    public Volume<byte> Predict(
        IReadOnlyList<Volume<float>> channels,
        Action<int, int>? progress = null,
        CancellationToken cancel = default
    ) => Predict(channels, Plan(channels[0].Grid, new()), progress, cancel).Labels;

    /// <summary>Plans an image.</summary>
    /// <exception cref="ProblemException">Exact tiling is impossible (exit 4), or needs more memory (exit 6).</exception>
    internal PredictionPlan Plan(Grid image, PredictionOutput output) =>
        PredictionPlan.Of(members, image, output, Named(output), mode);

    /// <summary>The named outputs among the requested ones.</summary>
    /// <exception cref="ProblemException">A network has no such output, or they can't be predicted so (exit 2).</exception>
    internal IReadOnlyList<PredictedOutput> Named(PredictionOutput output) =>
        [.. output.Named.Distinct().Select(Named)];

    private PredictedOutput Named(string name)
    {
        ProblemException Refused(string what, string fix) =>
            new(ExitCode.Usage, $"--output {name}", what, fix);
        if (mode.Exact)
            throw Refused("exact tiling is for labels and probabilities only", "Omit --exact");
        PredictedOutput[] all =
        [
            .. members.Select(one => PredictedOutput.Of(one.Engine.Graph, name, Profile)),
        ];
        if (members.Zip(all).Any(one => !one.First.Engine.Has(one.Second.Output)))
            throw Refused(
                "an exported model was made without it",
                $"Export the run again with --output {name}"
            );
        var isSame = all.All(one =>
            one.Output.Target == all[0].Output.Target && one.Parts.SequenceEqual(all[0].Parts)
        );
        return isSame
            ? all[0]
            : throw Refused(
                "the networks of the ensemble have different outputs of this name",
                "Predict it with each network alone"
            );
    }

    /// <summary>Refuses an image that does not fit into memory.</summary>
    /// <exception cref="ProblemException">It does not (exit 6).</exception>
    internal void CheckMemory(PredictionPlan plan) => plan.CheckMemory(mode.AvailableMemory);

    /// <summary>Each member's seconds per window voxel.</summary>
    internal double[] SecondsPerVoxel() =>
        Array.ConvertAll(members, member => Windows(member).SecondsPerVoxel());

    /// <summary>Predicts an image's labels and the other outputs of its plan.</summary>
    internal Prediction Predict(
        IReadOnlyList<Volume<float>> channels,
        PredictionPlan plan,
        Action<int, int>? progress = null,
        CancellationToken cancel = default,
        Action<QualityFlag>? flag = null
    )
    {
        var grid = channels[0].Grid;
        var preprocessed = members
            .Select(member => member.Preprocessor)
            .Distinct()
            .ToDictionary(one => one, one => one.ApplyToChannels(channels));
        foreach (
            var warning in members
                .SelectMany(one =>
                    one.Images is { } known
                        ? known
                            .Warnings(grid)
                            .Concat(known.Warnings(preprocessed[one.Preprocessor], Channels))
                        : []
                )
                .Distinct()
        )
            flag?.Invoke(warning);
        WindowPlan[] planned =
        [
            .. members.Zip(
                plan.Windows,
                (member, windows) =>
                    // An image may have been cropped to what is in it.
                    preprocessed[member.Preprocessor].Size
                        is var size
                    && size == ModelSize.Of(member.Preprocessor.TargetFor(grid))
                        ? windows
                        : PredictionPlan.WindowsOf(member, size, mode, members.Length)
            ),
        ];
        var (done, all) = (0, planned.Sum(windows => windows.Count));
        void Report(int windows) => progress?.Invoke(done += windows, all);

        // Beyond what was preprocessed there is nothing but background.
        float[] Outside(EnsembleMember member) =>
            [
                member.AveragesLogits ? CertainLogit : 1,
                .. new float[Profile.Classes - 1],
                .. plan.Named.SelectMany(one =>
                    Enumerable.Repeat(
                        one.Output.Target.IsSignedDistance ? SignedDistance.Limit : 0,
                        one.Maps
                    )
                ),
            ];
        var numbers = Array.ConvertAll(
            members,
            _ => new float[plan.Named.Where(one => one.IsVector).Sum(one => one.Parts.Count)]
        );
        SliceRangeResampler? resampler = null;
        var predictions = new List<IEnumerable<float[][]>>();
        // Of a mixed ensemble, probabilities.
        var areLogits = members.All(member => member.AveragesLogits);
        foreach (var (i, (member, windows)) in members.Zip(planned).Index())
        {
            var input = preprocessed[member.Preprocessor];
            resampler = new SliceRangeResampler(
                input.Volume.Grid,
                grid,
                member.Preprocessor.NearestAxis(grid)
            );
            var slices = resampler.Slices(
                Windows(member, plan.Named)
                    .SliceRanges(
                        input.Volume.Voxels,
                        input.Size,
                        windows,
                        Report,
                        cancel,
                        numbers[i]
                    ),
                Outside(member)
            );
            predictions.Add(
                member.AveragesLogits && !areLogits ? slices.Select(Probabilities) : slices
            );
        }
        return EnsembleAverage.Of(
            predictions,
            resampler!,
            Profile.Classes,
            plan.Named.Sum(one => one.Maps),
            plan.Output,
            Temperature,
            areLogits
        ) with
        {
            Numbers = [.. numbers[0].Select((_, part) => numbers.Average(one => one[part]))],
        };
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        foreach (var member in members)
            member.Dispose();
    }

    private float[][] Probabilities(float[][] maps)
    {
        EnsembleAverage.Softmax(maps[..Profile.Classes]);
        return maps;
    }

    private SlidingWindow Windows(
        EnsembleMember member,
        IReadOnlyList<PredictedOutput>? named = null
    ) =>
        new(member.Engine, member.Patch, mode.FlipsFor(member))
        {
            // Each network's own node of this name.
            Outputs =
            [
                .. (named ?? []).Select(one =>
                    PredictedOutput.Of(member.Engine.Graph, one.Output.Name, Profile)
                ),
            ],
        };

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
        if (!first.Channels.SequenceEqual(member.Channels))
            throw new ProblemException(
                ExitCode.Checkpoint,
                run,
                $"takes the channels {Listed(member)}, but the first run takes {Listed(first)}",
                "Use runs with the same channels for an ensemble"
            );
        if (mode.Flips && member.Mirror is null)
            throw new ProblemException(
                ExitCode.Checkpoint,
                run,
                "was trained by a version that did not record which flips are allowed",
                "Predict without --tta, or train again"
            );
    }

    private static string Listed(EnsembleMember member) =>
        member.Channels is [] ? "of one image" : string.Join(", ", member.Channels);

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
