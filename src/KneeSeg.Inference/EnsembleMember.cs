using System.Security.Cryptography;
using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>A trained network of an ensemble, which may be of one alone, with all that its checkpoint says.</summary>
/// <param name="Run">What was trained on what.</param>
/// <param name="Network">With its weights, batch norms folded into convolutions.</param>
/// <param name="Patch">What it was trained on.</param>
/// <param name="Preprocessor">What is done to every image first.</param>
/// <param name="Profile">What the labels mean.</param>
/// <param name="Hash">SHA-256 of the checkpoint's file.</param>
internal sealed record EnsembleMember(
    RunManifest Run,
    TorchNetwork Network,
    ModelInput Patch,
    Preprocessor Preprocessor,
    LabelSchema Profile,
    string Hash
) : IDisposable
{
    /// <summary>How its images may be mirrored; null where the run does not say.</summary>
    public FlipAugmentation? Mirror { get; } =
        Run.Mirror?.Deserialize<FlipAugmentation>(JsonSerializerOptions.Web);

    /// <summary>What it was trained on; of runs that do not say, no more than the spacing.</summary>
    public TrainingImageStatistics Images { get; } =
        Run.Images?.Deserialize<TrainingImageStatistics>(JsonSerializerOptions.Web)
        ?? new(Preprocessor.Spacing, []);

    /// <summary>
    /// Opens a run's best checkpoint, or the newest whole one where none was best yet. Its own texts say what network
    /// and preparation it needs.
    /// </summary>
    /// <param name="run">The run folder.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="progress">Hears when a checkpoint is torn and another one is taken.</param>
    /// <exception cref="ProblemException">
    /// It is no run folder (exit 3); it has no whole checkpoint, or one that was made for another network or by another
    /// version (exit 5).
    /// </exception>
    public static EnsembleMember Open(string run, Device device, IProgressSink progress)
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
        var preparation = own.Preprocessing.Deserialize<Preprocessor>(JsonSerializerOptions.Web)!;
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
        network.FoldBatchNorm();
        return new(
            own,
            network,
            ModelInput.Of(graph, own.Patch),
            preparation,
            new LabelSchema(own.Profile, own.Labels),
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(checkpoint)))
        );
    }

    /// <summary>Lets go of the weights.</summary>
    public void Dispose() => Network.Dispose();

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

    private static RunManifest Described(SafetensorsFile file, string checkpoint) =>
        file.Metadata.TryGetValue("run", out var run)
            ? RunManifest.Read(run, checkpoint)
            : throw new ProblemException(
                ExitCode.Checkpoint,
                checkpoint,
                "does not say what network it is for",
                "Use a checkpoint that KneeSeg made"
            );

    private static Graph Built(RunManifest run, string checkpoint)
    {
        try
        {
            return Networks.Load(run.Spec.ToJsonString(), 1, run.Classes);
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
