using System.Security.Cryptography;
using KneeSeg.Inference.Tiling;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Checkpoints;
using KneeSeg.Weights;
using static TorchSharp.torch;

namespace KneeSeg.Inference;

/// <summary>The network of a run with its weights, and the metadata of its checkpoint.</summary>
/// <param name="Run">The run's manifest.</param>
/// <param name="Network">With its weights.</param>
/// <param name="Patch">The model input.</param>
/// <param name="Hash">SHA-256 of the checkpoint's file.</param>
internal sealed record TrainedNetwork(
    RunManifest Run,
    TorchNetwork Network,
    ModelInput Patch,
    string Hash
) : IDisposable
{
    /// <summary>
    /// Opens a run's best checkpoint, or the newest intact one if there is no best yet. Network and preprocessing come from the
    /// checkpoint's metadata.
    /// </summary>
    /// <param name="run">The run folder.</param>
    /// <param name="device">The device.</param>
    /// <param name="progress">Receives a warning if a corrupt checkpoint is skipped.</param>
    /// <param name="folded">Whether batch norms are folded into convolutions, which is faster.</param>
    /// <param name="kernels">What computes narrow layers.</param>
    /// <exception cref="ProblemException">
    /// It is not a run folder (exit 3); it has no intact checkpoint, or one of another network or version (exit 5).
    /// </exception>
    public static TrainedNetwork Open(
        string run,
        Device device,
        IProgressSink progress,
        bool folded = true,
        KernelChoice kernels = KernelChoice.Own
    )
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
        var graph = own.Elaborate(checkpoint);
        var network = new TorchNetwork(graph, seed: null, device) { Kernels = kernels };
        try
        {
            Checkpoint.Load(file, checkpoint, network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
        if (folded)
            network.FoldBatchNorm();
        return new(
            own,
            network,
            ModelInput.Of(graph, own),
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
}
