using KneeSeg.Dsl;
using KneeSeg.Inference;
using KneeSeg.Inference.Engines;
using KneeSeg.Inference.Export;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

public sealed class OnnxEngineTests : PredictionWorkshop
{
    private string Model => Path.Combine(Folder, "knee.onnx");

    [Fact]
    public void An_exported_model_alone_predicts_as_its_run_does()
    {
        var rules = Path.Combine(Folder, "run", Postprocessing.FileName);
        File.WriteAllText(rules, """{"rules": [{"label": "meniscus", "largest": true}]}""");
        Export();
        Directory.Delete(Path.Combine(Folder, "run"), recursive: true);

        var (runs, others) = RunSet.Find([Model, Images]);
        using var predictor = Predictor.Open(runs, Precision.Auto, CPU, SilentProgress.Instance);

        Assert.Equal(Own.Predict(Image()).Voxels, predictor.Predict(Image()).Voxels);
        Assert.Equal([Images], others);
        Assert.Equal(
            ("fp32", "windows, onnx"),
            (predictor.Source.Precision, predictor.Source.Mode)
        );
        Assert.Contains("meniscus", RunSet.Postprocessing(Model, predictor.Profile).Word);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_is_predicted_by_either_engine(bool exact)
    {
        using var torch = Predict(Engine.Torch);
        using var onnx = Predict(Engine.Onnx);

        Assert.Equal(torch.Predict(Image()).Voxels, onnx.Predict(Image()).Voxels);

        Predictor Predict(Engine engine) =>
            Open("run", 1, new PredictionMode(exact) { Engine = engine });
    }

    [Fact]
    public void Models_and_runs_make_an_ensemble()
    {
        Export();
        using var both = Predictor.Open(
            [Model, Path.Combine(Folder, "run")],
            Precision.Fp32,
            CPU,
            SilentProgress.Instance
        );
        Assert.Equal(Own.Predict(Image()).Voxels, both.Predict(Image()).Voxels);
    }

    [Fact]
    public void The_model_does_not_tell_the_names_of_cases()
    {
        Export();
        Assert.Empty(RunSet.Describe(Model).Cases);
    }

    [Fact]
    public void What_onnx_runtime_lacks_is_named()
    {
        Export();
        var bf16 = Refused(Precision.Bf16, CPU);
        Assert.Equal((ExitCode.Usage, "--precision bf16"), (bf16.Exit, bf16.Where));
        var cuda = Refused(Precision.Auto, new Device(DeviceType.CUDA));
        Assert.Equal((ExitCode.Resources, "--device cuda"), (cuda.Exit, cuda.Where));
        Assert.Contains("KNEESEG_CUDA=1", cuda.Fix);
    }

    [Fact]
    public void Other_models_are_refused()
    {
        using var network = new TorchNetwork(Networks.Load("unet3d+tiny", 1, 3), seed: 1);
        File.WriteAllBytes(Model, OnnxModel.Of(network, [16, 16, 16], WeightType.Float32, [], []));
        Assert.Contains("how images are prepared", Refused(Precision.Auto, CPU).What);

        File.WriteAllText(Model, "nothing");
        Assert.Contains("no intact ONNX model", Refused(Precision.Auto, CPU).What);
    }

    private ProblemException Refused(Precision precision, Device device) =>
        Assert.Throws<ProblemException>(() =>
            Predictor.Open([Model], precision, device, SilentProgress.Instance)
        );

    private static Imaging.Volume<float> Image() =>
        Runs.Image(new(18, 17, 9), new(3, 3, 6), "PIR", 1);

    private void Export() =>
        OnnxExport.Run(
            Path.Combine(Folder, "run"),
            Model,
            new(WeightType.Float32),
            SilentProgress.Instance
        );
}
