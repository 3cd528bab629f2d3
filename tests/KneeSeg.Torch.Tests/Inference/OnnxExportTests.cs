using System.Text.Json.Nodes;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Inference.Export;
using KneeSeg.Onnx;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class OnnxExportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_model_explains_itself_and_has_a_certificate_beside_it()
    {
        Runs.Write(At("run"));

        var export = Export(WeightType.Float32);

        var beside = JsonNode.Parse(File.ReadAllText(At("knee.json")))!;
        var metadata = OnnxModel.Metadata(File.ReadAllBytes(At("knee.onnx")), "knee.onnx");
        var inside = JsonNode.Parse(metadata["kneeseg"])!;
        Assert.Equal(["background", "cartilage", "meniscus"], Names(inside));
        Assert.Equal(Names(inside), Names(beside));
        Assert.Equal("[16,16,16]", inside["input"]!["window"]!.ToJsonString());
        Assert.Contains(
            inside["preprocessing"]!.AsArray(),
            step => step!["millimeters"]?.ToJsonString() == "[6,3,3]"
        );
        var certificate = export.Manifest.Certificate!;
        Assert.InRange(certificate.LargestDifference, 0, 1e-4);
        Assert.Equal(1, certificate.SameLabels);
        Assert.Equal((4, 0), (certificate.RandomWindows, certificate.RealWindows));
        // Batch norms are folded into convolutions.
        Assert.False(certificate.Operators.ContainsKey("BatchNormalization"));
        Assert.Equal(
            certificate.Operators["Conv"],
            (int)beside["certificate"]!["operators"]!["Conv"]!
        );
    }

    [Theory]
    [InlineData(WeightType.Float16)]
    [InlineData(WeightType.BFloat16)]
    public void Rounded_weights_take_half_of_the_space_and_give_nearly_the_same_labels(
        WeightType type
    )
    {
        Runs.Write(At("run"));
        var whole = Export(WeightType.Float32).Bytes;

        var half = Export(type);

        Assert.InRange((double)half.Bytes / whole, 0.5, 0.6);
        Assert.InRange(half.Manifest.Certificate!.LargestDifference, 1e-5, 0.5);
        Assert.InRange(half.Manifest.Certificate.SameLabels, 0.95, 1);
    }

    [Fact]
    public void The_same_run_gives_the_same_bytes()
    {
        Runs.Write(At("run"));
        Export(WeightType.Float32);
        var first = File.ReadAllBytes(At("knee.onnx"));
        Export(WeightType.Float32);
        Assert.Equal(first, File.ReadAllBytes(At("knee.onnx")));
    }

    [Fact]
    public void A_damaged_model_is_refused()
    {
        Runs.Write(At("run"));
        Export(WeightType.Float32);
        var bytes = File.ReadAllBytes(At("knee.onnx"))[..^1000];
        var problem = Assert.Throws<ProblemException>(() => new OnnxNetwork(bytes, "knee.onnx"));
        Assert.Equal((ExitCode.Checkpoint, "knee.onnx"), (problem.Exit, problem.Where));
    }

    private static string[] Names(JsonNode manifest) =>
        [.. manifest["output"]!["labels"]!.AsArray().Select(label => (string)label!["name"]!)];

    private OnnxExport Export(WeightType type) =>
        OnnxExport.Run(At("run"), At("knee.onnx"), new(type), SilentProgress.Instance);

    private string At(string name) => Path.Combine(folder, name);
}
