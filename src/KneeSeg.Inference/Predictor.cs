using System.Security.Cryptography;
using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Runs;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>A trained network with all that goes with it: from an image as it is to labels on the image's own grid.</summary>
public sealed class Predictor : IDisposable
{
    private readonly TorchNetwork network;
    private readonly SlidingWindows windows;

    private Predictor(
        LabelProfile profile,
        Preparation preparation,
        TorchNetwork network,
        NetworkPatch patch,
        PredictionSource source,
        Precision precision,
        Device device
    )
    {
        this.network = network;
        windows = new SlidingWindows(network, patch, precision, device);
        Source = source;
        (Profile, Preparation) = (profile, preparation);
    }

    /// <summary>What the labels mean.</summary>
    public LabelProfile Profile { get; }

    /// <summary>What is done to every image first.</summary>
    public Preparation Preparation { get; }

    /// <summary>Which weights these are.</summary>
    public PredictionSource Source { get; }

    /// <summary>
    /// Opens a run's best checkpoint, or the newest whole one where none was best yet. Its own texts say what network
    /// and preparation it needs.
    /// </summary>
    /// <param name="run">The run folder.</param>
    /// <param name="precision">What the network computes in.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="progress">Hears when a checkpoint is torn and another one is taken.</param>
    /// <exception cref="ProblemException">
    /// It is no run folder (exit 3); it has no whole checkpoint, or one that was made for another network or by another
    /// version (exit 5).
    /// </exception>
    public static Predictor Open(
        string run,
        Precision precision,
        Device device,
        IProgressSink progress
    )
    {
        var folder = RunFolder.Open(run);
        var (file, checkpoint) = Newest(folder, progress);
        var own = Described(file, checkpoint);
        var there = folder.Describe();
        if (there.Hash != own.Hash || !there.Labels.SequenceEqual(own.Labels))
            throw new ProblemException(
                ExitCode.Checkpoint,
                checkpoint,
                $"was made for {own.Network} with {own.Labels.Count} labels, but the run is of {there.Network} with {there.Labels.Count}",
                "Put the run's own checkpoint back, or train again"
            );
        var preparation = own.Preparation.Deserialize<Preparation>(JsonSerializerOptions.Web)!;
        var graph = Built(own, checkpoint);
        var network = new TorchNetwork(graph, seed: null, device);
        try
        {
            Checkpoint.Load(file, checkpoint, network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(checkpoint)));
        return new Predictor(
            new LabelProfile(own.Profile, own.Labels),
            preparation,
            network,
            NetworkPatch.Of(graph, own.Patch),
            new PredictionSource(own.Network, hash, precision.ToString().ToLowerInvariant()),
            precision,
            device
        );
    }

    /// <summary>Labels an image.</summary>
    /// <param name="image">Of any orientation, spacing and size.</param>
    /// <param name="progress">Hears how many windows are done, of how many.</param>
    /// <param name="cancel">Stops between windows.</param>
    /// <returns>Labels on the image's own grid.</returns>
    /// <exception cref="ProblemException">The network gives values that are not finite (exit 7).</exception>
    public Volume<byte> Predict(
        Volume<float> image,
        Action<int, int>? progress = null,
        CancellationToken cancel = default
    )
    {
        var prepared = Preparation.Prepare(image);
        var maps = windows.Predict(prepared.Volume.Voxels, prepared.Size, progress, cancel);
        return Resampler.ArgMax(
            Array.ConvertAll(maps.Maps, map => new ReadOnlyMemory<float>(map)),
            prepared.Volume.Grid,
            image.Grid
        );
    }

    /// <summary>Lets go of the weights.</summary>
    public void Dispose() => network.Dispose();

    private static (SafetensorsFile File, string Path) Newest(
        RunFolder folder,
        IProgressSink progress
    )
    {
        string[] found =
        [
            .. new[] { folder.Best, folder.Last, folder.Previous }.Where(File.Exists),
        ];
        for (var i = 0; i < found.Length; i++)
            try
            {
                return (SafetensorsFile.Read(found[i]), found[i]);
            }
            catch (ProblemException torn) when (i + 1 < found.Length)
            {
                progress.Say($"{torn.Message} {Path.GetFileName(found[i + 1])} is used instead.");
            }
        throw new ProblemException(
            ExitCode.Checkpoint,
            folder.Root,
            "has no checkpoint yet",
            "Train until the first epoch has ended"
        );
    }

    private static RunDescription Described(SafetensorsFile file, string checkpoint) =>
        file.Metadata.TryGetValue("run", out var run)
            ? RunDescription.Read(run, checkpoint)
            : throw new ProblemException(
                ExitCode.Checkpoint,
                checkpoint,
                "does not say what network it is for",
                "Use a checkpoint that KneeSeg made"
            );

    private static Graph Built(RunDescription run, string checkpoint)
    {
        try
        {
            return Models.Load(run.Spec.ToJsonString(), 1, run.Channels);
        }
        catch (SpecException e)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                checkpoint,
                $"its network can't be built by this version ({e.Where}: {e.What})",
                $"Use the version of KneeSeg that made it ({run.Version})",
                e
            );
        }
    }
}
