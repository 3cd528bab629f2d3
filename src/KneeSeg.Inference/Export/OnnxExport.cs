using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Dsl;
using KneeSeg.Inference.Engines;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Onnx;
using KneeSeg.Runs;
using static TorchSharp.torch;

namespace KneeSeg.Inference.Export;

/// <summary>What an exported model is like.</summary>
/// <param name="Weights">How weights are stored.</param>
/// <param name="Unfolded">Whether batch norms stay operators of their own, for programs that train on.</param>
/// <param name="Outputs">The named outputs that it has beside the logits and probabilities.</param>
public sealed record OnnxOptions(
    WeightType Weights,
    bool Unfolded = false,
    IReadOnlyList<string>? Outputs = null
)
{
    /// <inheritdoc cref="OnnxOptions"/>
    public IReadOnlyList<string> Outputs { get; } = Outputs ?? [];
}

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
    /// <param name="options">What the model is like.</param>
    /// <param name="progress">Receives what is done.</param>
    /// <exception cref="ProblemException">
    /// It is no run (exit 3) or has no intact checkpoint (exit 5); the network has no such output (exit 2); ONNX Runtime can't load the model (exit 5) or has other
    /// outputs (exit 7); a file can't be written (exit 6).
    /// </exception>
    public static OnnxExport Run(
        string run,
        string file,
        OnnxOptions options,
        IProgressSink progress
    )
    {
        using var trained = TrainedNetwork.Open(run, CPU, progress, !options.Unfolded);
        using var scope = NewDisposeScope();
        var network = trained.Network;
        network.eval();
        NamedOutput[] outputs =
        [
            .. options.Outputs.Select(name =>
                NamedOutputs.Find(
                    network.Graph,
                    name,
                    $"--output {name}",
                    "Omit it, or train a network with named outputs"
                )
            ),
        ];
        var manifest = ModelManifest.Of(trained, outputs);
        var rules = Path.Combine(run, Postprocessing.FileName);
        var model = OnnxModel.Of(
            network,
            trained.Patch.Lengths,
            options.Weights,
            outputs,
            [
                ("kneeseg", manifest.ToJson()),
                .. ExportedModel.Metadata(
                    trained.Run,
                    File.Exists(rules) ? File.ReadAllText(rules) : null
                ),
            ]
        );
        var certificate = ParityCertificate.Of(
            model,
            network,
            trained.Patch.Lengths,
            outputs,
            options.Weights,
            Real(run, trained, progress),
            file
        );
        if (!certificate.Holds(network.Graph))
            throw new ProblemException(
                ExitCode.Numerics,
                file,
                $"ONNX Runtime {certificate.Runtime} differs from the network by up to {certificate.LargestDifference:G2} deviations of its logits, typically {certificate.TypicalDifference:G2}; {10 * certificate.Tolerance:G2} and {certificate.Tolerance:G2} are allowed",
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
        TrainedNetwork trained,
        IProgressSink progress
    )
    {
        try
        {
            var start = RunStart.Read(RunFolder.Open(run).StartFile);
            if (start is null)
                return [];
            var dataset = DatasetFolder.Open([start.Data, .. start.FurtherData ?? []]);
            var known = trained.Run.Cases.GetValueOrDefault(Split.Validation) ?? [];
            return dataset.Cases.FirstOrDefault(one => known.Contains(one.Id)) is { } validation
                ? [Middle(trained, validation)]
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

    private static Tensor Middle(TrainedNetwork trained, DatasetCase one)
    {
        var volume = trained.Run.Preprocessing.ApplyToChannels(one.ReadImages()).Volume;
        var (size, patch) = (ModelSize.Of(volume.Grid), trained.Patch.Size);
        var channels = volume.Voxels.Length / (int)size.Count;
        var window = new float[trained.Network.Graph.Channels * patch.Count];
        PatchExtractor.CopyImage(
            volume.Voxels,
            size,
            new(
                (size.Depth - patch.Depth) / 2,
                (size.Height - patch.Height) / 2,
                (size.Width - patch.Width) / 2
            ),
            patch,
            trained.Patch.Slices,
            new float[channels],
            window,
            repeatSlices: trained.Patch.Kind == PatchKind.Slab
        );
        return tensor(
            window,
            [1, trained.Network.Graph.Channels, .. trained.Patch.Lengths.Select(n => (long)n)]
        );
    }
}
