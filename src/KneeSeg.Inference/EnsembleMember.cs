using System.Security.Cryptography;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Dsl;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>A trained network of an ensemble (of one or more), with the metadata of its checkpoint.</summary>
/// <param name="Run">The run's manifest.</param>
/// <param name="Network">With its weights, batch norms folded into convolutions.</param>
/// <param name="Patch">The model input.</param>
/// <param name="Hash">SHA-256 of the checkpoint's file.</param>
internal sealed record EnsembleMember(
    RunManifest Run,
    TorchNetwork Network,
    ModelInput Patch,
    string Hash
) : IDisposable
{
    /// <summary>The preprocessing.</summary>
    public Preprocessor Preprocessor => Run.Preprocessing;

    /// <summary>The names of the channels that it takes; empty for one without a name.</summary>
    public IReadOnlyList<string> Channels { get; } = Run.Channels ?? [];

    /// <summary>The label map.</summary>
    public LabelSchema Profile { get; } = Run.Schema;

    /// <summary>Whether its windows give logits instead of probabilities.</summary>
    public bool AveragesLogits => Patch.Averaged == WindowAverage.Logits;

    /// <summary>Flip augmentation of its dataset; null in runs of older versions.</summary>
    public FlipAugmentation? Mirror => Run.Mirror;

    /// <summary>
    /// Statistics of its training images; only the spacing in runs of older versions. Null for nnU-Net's networks, whose axes can
    /// be any directions.
    /// </summary>
    public TrainingImageStatistics? Images { get; } =
        Run.Images
        ?? (Run.Preprocessing.Nnunet is null ? new(Run.Preprocessing.Spacing, []) : null);

    /// <summary>
    /// Opens a run's best checkpoint, or the newest intact one if there is no best yet. Network and preprocessing come from the
    /// checkpoint's metadata.
    /// </summary>
    /// <param name="run">The run folder.</param>
    /// <param name="device">The device.</param>
    /// <param name="progress">Receives a warning if a corrupt checkpoint is skipped.</param>
    /// <exception cref="ProblemException">
    /// It is not a run folder (exit 3); it has no intact checkpoint, or one of another network or version (exit 5).
    /// </exception>
    public static EnsembleMember Open(string run, Device device, IProgressSink progress)
    {
        var folder = RunFolder.Open(run);
        var (file, checkpoint) = SafetensorsFile.ReadFirst(folder.Checkpoints, progress);
        var own = Described(file, checkpoint);
        var manifest = folder.Describe();
        if (manifest.Hash != own.Hash || !manifest.Labels.SequenceEqual(own.Labels))
            throw new ProblemException(
                ExitCode.Checkpoint,
                checkpoint,
                $"was made for {own.Network} with {own.Labels.Count} labels, but the run is of {manifest.Network} with {manifest.Labels.Count}",
                "Restore the run's own checkpoint, or train again"
            );
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
            ModelInput.Of(graph, own.Patch.Lengths, own.Recipe.Slices) with
            {
                Averaged = own.Averaged,
            },
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(checkpoint)))
        );
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Network.Dispose();

    private static RunManifest Described(SafetensorsFile file, string checkpoint) =>
        file.Metadata.TryGetValue("run", out var run)
            ? RunManifest.Read(run, checkpoint)
            : throw new ProblemException(
                ExitCode.Checkpoint,
                checkpoint,
                "has no run manifest",
                "Use a checkpoint written by KneeSeg"
            );

    private static Graph Built(RunManifest run, string checkpoint)
    {
        try
        {
            return Networks.Elaborate(run.Spec, run.InputChannels, run.Classes);
        }
        catch (SpecException e)
        {
            throw new ProblemException(
                ExitCode.Checkpoint,
                checkpoint,
                $"its network can't be built by this version ({e.Where}: {e.What})",
                $"Use the version of KneeSeg that wrote it ({run.Version})",
                e
            );
        }
    }
}

/// <summary>Run folders among command-line arguments.</summary>
public static class RunSet
{
    /// <summary>
    /// Splits arguments into runs and others. A folder of runs, such as the folds of a cross-validation, is expanded to an
    /// ensemble.
    /// </summary>
    /// <param name="words">Paths; the first one is a run or a folder of runs.</param>
    /// <exception cref="ProblemException">The first one is neither (exit 3).</exception>
    public static (IReadOnlyList<string> Runs, IReadOnlyList<string> Others) Find(
        IReadOnlyList<string> words
    )
    {
        List<string> runs = [];
        List<string> others = [];
        foreach (var word in words)
            if (In(word) is { Count: > 0 } found)
                runs.AddRange(found);
            else
                others.Add(word);
        // Throws the error for a missing run folder.
        if (In(words[0]).Count == 0)
            RunFolder.Open(words[0]);
        return (runs, others);
    }

    private static IReadOnlyList<string> In(string path)
    {
        if (!Directory.Exists(path))
            return [];
        if (RunFolder.Exists(path))
            return [path];
        // A dataset folder is not a set of runs, even if runs are kept in it.
        if (DatasetFolder.HasManifest(path))
            return [];
        return
        [
            .. Directory
                .EnumerateDirectories(path)
                .Where(RunFolder.Exists)
                .Order(StringComparer.Ordinal),
        ];
    }
}
