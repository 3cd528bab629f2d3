using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Onnx;
using KneeSeg.Runs;
using static TorchSharp.torch;

namespace KneeSeg.Inference.Export;

/// <summary>A network that was exported.</summary>
/// <param name="Model">The model's file.</param>
/// <param name="Description">The manifest's file.</param>
/// <param name="Bytes">The size of the model.</param>
/// <param name="Manifest">The manifest, with the certificate.</param>
public sealed record OnnxExport(
    string Model,
    string Description,
    long Bytes,
    ModelManifest Manifest
)
{
    /// <summary>
    /// Exports the network of a run. ONNX Runtime predicts windows with it first: if it is too far from the network, no file
    /// is written.
    /// </summary>
    /// <param name="run">The run folder.</param>
    /// <param name="file">The model's file; the manifest gets the same name with <c>.json</c>.</param>
    /// <param name="type">How weights are stored.</param>
    /// <param name="progress">Receives what is done.</param>
    /// <exception cref="ProblemException">
    /// It is no run (exit 3) or has no intact checkpoint (exit 5); ONNX Runtime can't load the model (exit 5) or has other
    /// outputs (exit 7); a file can't be written (exit 6).
    /// </exception>
    public static OnnxExport Run(string run, string file, WeightType type, IProgressSink progress)
    {
        using var member = EnsembleMember.Open(run, CPU, progress);
        using var scope = NewDisposeScope();
        member.Network.eval();
        var manifest = ModelManifest.Of(member);
        var window = member.Patch.Lengths;
        var model = OnnxModel.Of(member.Network, window, type, [("kneeseg", manifest.ToJson())]);
        var certificate = ParityCertificate.Of(
            model,
            member.Network,
            window,
            type,
            Real(run, member, progress),
            file
        );
        if (!certificate.Holds)
            throw new ProblemException(
                ExitCode.Numerics,
                file,
                $"ONNX Runtime {certificate.Runtime} differs from the network by {certificate.LargestDifference:G2} deviations of its logits, {certificate.Tolerance:G2} are allowed",
                "Export with float32 weights; if they are, report the network"
            );
        var described = manifest with { Certificate = certificate };
        var description = Path.ChangeExtension(file, ".json");
        AtomicFile.Write(file, stream => stream.Write(model));
        AtomicFile.WriteText(description, described.ToJson() + "\n");
        return new(file, description, model.Length, described);
    }

    // The middle window of a validation case, where the run's data are still there.
    private static IReadOnlyList<Tensor> Real(
        string run,
        EnsembleMember member,
        IProgressSink progress
    )
    {
        try
        {
            var start = RunStart.Read(RunFolder.Open(run).StartFile);
            if (start is null)
                return [];
            var dataset = DatasetFolder.Open([start.Data, .. start.FurtherData ?? []]);
            var known = member.Run.Cases.GetValueOrDefault(Split.Validation) ?? [];
            return dataset.Cases.FirstOrDefault(one => known.Contains(one.Id)) is { } validation
                ? [Middle(member, validation)]
                : [];
        }
        catch (ProblemException e)
        {
            progress.Say(
                $"compared on noise only, as the run's data can't be read ({e.Where}: {e.What})"
            );
            return [];
        }
    }

    private static Tensor Middle(EnsembleMember member, DatasetCase one)
    {
        var volume = member.Preprocessor.ApplyToChannels(one.ReadImages()).Volume;
        var (size, patch) = (ModelSize.Of(volume.Grid), member.Patch.Size);
        var channels = volume.Voxels.Length / (int)size.Count;
        var window = new float[member.Network.Graph.Channels * patch.Count];
        PatchExtractor.CopyImage(
            volume.Voxels,
            size,
            new(
                (size.Depth - patch.Depth) / 2,
                (size.Height - patch.Height) / 2,
                (size.Width - patch.Width) / 2
            ),
            patch,
            member.Patch.Slices,
            new float[channels],
            window,
            repeatSlices: member.Patch.Kind == PatchKind.Slab
        );
        return tensor(
            window,
            [1, member.Network.Graph.Channels, .. member.Patch.Lengths.Select(n => (long)n)]
        );
    }
}
