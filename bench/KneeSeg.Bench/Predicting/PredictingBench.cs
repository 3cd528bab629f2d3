using System.Runtime.InteropServices;
using KneeSeg.Data;
using KneeSeg.Data.Phantoms;
using KneeSeg.Dsl;
using KneeSeg.Inference;
using KneeSeg.Inference.Tiling;
using KneeSeg.Onnx;
using KneeSeg.Torch;
using static TorchSharp.torch;

namespace KneeSeg.Bench.Predicting;

/// <summary>
/// A volume labeled in windows by the network as it predicts, against ONNX Runtime in float32 with the same weights in
/// the same windows.
/// </summary>
internal static class PredictingBench
{
    // Of random weights some voxels are undecided to the last bit.
    private const double Agreement = 0.999;

    private static readonly int[] Window = [32, 64, 64];
    private static readonly ModelSize Size = new(64, 128, 128);

    /// <exception cref="ProblemException">ONNX Runtime is not there (exit 6), or answers something else (exit 7).</exception>
    public static Ratio Run()
    {
        using var network = new TorchNetwork(Networks.Load("unet3d+tiny", 1, 7), seed: 1);
        network.eval();
        var phantom = Phantom.Create(seed: 1, Size);
        var gray = Array.ConvertAll(phantom.Image.Voxels, value => value / 100f);
        var folder = Directory.CreateTempSubdirectory("kneeseg-bench").FullName;
        try
        {
            var (model, image, labels) = (At("model.onnx"), At("image.raw"), At("labels.raw"));
            File.WriteAllBytes(model, OnnxModel.Of(network, Window, WeightType.Float32, [], []));
            File.WriteAllBytes(image, MemoryMarshal.AsBytes(gray.AsSpan()).ToArray());
            var patch = ModelInput.Of(network.Graph, Window);
            using var peer = Peer.Script(
                "onnx_windows.fsx",
                model,
                image,
                labels,
                $"{Size}",
                string.Join('x', Window),
                Starts(WindowPlan.Overlapping(patch, Size))
            );
            peer.Work();
            var exact = new SlidingWindow(network, patch, Precision.Fp32, CPU).Labels(gray, Size);
            Check(exact, File.ReadAllBytes(labels));
            network.FoldBatchNorm();
            var ours = new SlidingWindow(network, patch, Precision.Auto, CPU);
            return Ratio.Measure("predicting", () => ours.Labels(gray, Size), peer.Work);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string At(string name) => Path.Combine(folder, name);
    }

    // Where windows begin, along each axis.
    private static string Starts(WindowPlan plan) =>
        string.Join(
            'x',
            new[] { plan.Depth, plan.Height, plan.Width }.Select(axis =>
                string.Join(',', axis.Tiles.Select(tile => tile.InputOffset))
            )
        );

    private static void Check(byte[] ours, byte[] peer)
    {
        var same = ours.Zip(peer, (one, other) => one == other ? 1.0 : 0.0).Average();
        if (same < Agreement)
            throw new ProblemException(
                ExitCode.Numerics,
                "predicting",
                $"ONNX Runtime gives the same label in {same:0.000} of the voxels only",
                "Look for what the model lacks"
            );
    }
}
