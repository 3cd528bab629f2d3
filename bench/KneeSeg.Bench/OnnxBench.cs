using System.Globalization;
using KneeSeg.Dsl;
using KneeSeg.Inference.Export;
using KneeSeg.Onnx;
using KneeSeg.Torch;

namespace KneeSeg.Bench;

/// <summary>How closely ONNX Runtime follows each network of the zoo, as the rows of a table.</summary>
internal static class OnnxBench
{
    // At least so many voxels along an axis of volumes, and of images, and two of the coarsest map.
    private const int Volume = 32;
    private const int Image = 96;

    /// <param name="only">One network; null for all.</param>
    public static void Run(string? only)
    {
        Console.WriteLine(
            "| network | window | operators | model, MB | largest difference | typical |"
        );
        Console.WriteLine("|---|---|--:|--:|--:|--:|");
        foreach (var name in Networks.All.Select(one => one.Name))
            if (only is null || only == name)
                Console.WriteLine(Row(name));
    }

    private static string Row(string name)
    {
        var graph = Networks.Load(name, 1, 7);
        var window = BenchSize.Of(graph, Volume, Image, coarsest: 2);
        using var network = new TorchNetwork(graph, seed: 1);
        network.eval();
        network.FoldBatchNorm();
        var model = OnnxModel.Of(network, window, WeightType.Float32, [], []);
        var certificate = ParityCertificate.Of(
            model,
            network,
            window,
            [],
            WeightType.Float32,
            [],
            name
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| `{name}` | {string.Join('×', window)} | {certificate.Operators.Values.Sum()} | {model.Length / 1e6:0.0} | {certificate.LargestDifference:0.0e+0} | {certificate.TypicalDifference:0.0e+0} |"
        );
    }
}
