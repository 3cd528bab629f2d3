using KneeSeg.Dsl;
using KneeSeg.Imaging.Files;
using KneeSeg.Inference;
using KneeSeg.Inference.Engines;
using KneeSeg.Inference.Export;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;
using KneeSeg.Onnx;
using KneeSeg.Torch.Native;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Named outputs, predicted on an image's grid.</summary>
public sealed class NamedOutputTests : IDisposable
{
    // Its last output is the network's own, and the presence is of the largest distance.
    private static readonly string Spec = """
        {"format":2,"name":"named","variants":[],"spatialDims":3,"body":[
          CONV1,
          {"output":{"name":"edge","target":"signedDistance","head":[]}},
          {"output":{"name":"any there","target":"presence","head":{"reduce":{"reduction":"max","axes":"global"}}}},
          CONV3,
          {"output":{"name":"same","target":"labels","head":[]}}]}
        """.Replace("CONV1", Conv(1)).Replace("CONV3", Conv(3));

    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public NamedOutputTests() =>
        VolumeFile.Write(At("a.nii.gz"), Runs.Image(new(18, 17, 9), new(3, 3, 6), "PIR"));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1, Engine.Torch)]
    [InlineData(2, Engine.Torch)]
    [InlineData(1, Engine.Onnx)]
    public void Maps_are_on_the_image_s_grid_and_numbers_are_of_the_whole_image(
        int members,
        Engine engine
    )
    {
        long[] seeds = [.. Enumerable.Repeat(1L, members)];
        Predict(["same", "edge", "any there"], seeds, new() { Engine = engine });

        foreach (var label in new[] { "cartilage", "meniscus" })
        {
            var expected = VolumeFile.ReadImage(At($"out/probabilities/a-{label}.nii.gz"));
            var map = VolumeFile.ReadImage(At($"out/outputs/a-same-{label}.nii.gz"));
            Assert.True(map.Grid.SameAs(expected.Grid));
            Assert.Equal(expected.Voxels, map.Voxels, (a, b) => Math.Abs(a - b) < 2e-5);
        }
        var edge = VolumeFile.ReadImage(At("out/outputs/a-edge.nii.gz"));
        var rows = File.ReadAllText(At("out/outputs/a-any-there.csv")).Split("\r\n");
        Assert.Equal(["label,probability", "any", ""], rows.Select(row => row.Split(",0")[0]));
        var largest = edge.Voxels.Max();
        Assert.Equal(1 / (1 + Math.Exp(-largest)), double.Parse(rows[1].Split(',')[1]), 1e-4);
    }

    [Fact]
    public void What_is_there_is_not_predicted_again()
    {
        Predict(["edge"], [1]);
        Assert.Equal((0, 1), Predict(["edge"], [1]));
        Assert.Equal((1, 0), Predict(["edge", "any there"], [1]));
        Assert.Equal((0, 1), Predict(["any there"], [1]));
    }

    [Fact]
    public void An_output_that_does_not_exist_is_refused_before_any_work()
    {
        var problem = Assert.Throws<ProblemException>(() => Predict(["egde"], [1]));
        Assert.Equal(
            "--output egde: named has no output 'egde'. Did you mean 'edge'? Its outputs are edge, any there, same.",
            problem.Message
        );
        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.False(Directory.Exists(At("out")));
    }

    [Fact]
    public void An_exported_model_has_the_outputs_that_were_asked_for()
    {
        var run = Runs.Write(At("run"), Spec, 1).Root;
        var options = new OnnxOptions(WeightType.Float32, Outputs: ["edge"]);
        OnnxExport.Run(run, At("named.onnx"), options, SilentProgress.Instance);
        using var predictor = Predictor.Open(
            [At("named.onnx")],
            Precision.Fp32,
            CPU,
            SilentProgress.Instance
        );

        Assert.Single(predictor.Named(new() { Named = ["edge"] }));
        var problem = Assert.Throws<ProblemException>(() =>
            predictor.Named(new() { Named = ["same"] })
        );
        Assert.Equal("Export the run again with --output same", problem.Fix);
    }

    [Fact]
    public void Exact_tiles_have_no_named_outputs()
    {
        var problem = Assert.Throws<ProblemException>(() =>
            Predict(["edge"], [1], new PredictionMode(Exact: true))
        );
        Assert.Equal("--output edge", problem.Where);
    }

    [Fact]
    public void A_coarse_map_is_interpolated_and_the_background_left_out()
    {
        NativeStart.Initialize();
        PredictedOutput Output(OutputTarget target, params string[] parts) =>
            new(new NamedOutput("x", 0, target), parts);
        var raw = tensor(new float[] { 0, 4 }).reshape(1, 1, 1, 2);
        Assert.Equal(
            [0, 1, 3, 4],
            OutputValues
                .Of(Output(OutputTarget.SignedDistance, ""), raw, [1, 4])
                .data<float>()
                .ToArray()
        );
        var logits = tensor(new float[] { 0, 0, 1, -1, 2, 0 }).reshape(1, 3, 1, 2);
        Assert.Equal(
            softmax(logits, 1).narrow(1, 1, 2).data<float>().ToArray(),
            OutputValues
                .Of(Output(OutputTarget.Labels, "a", "b"), logits, [1, 2])
                .data<float>()
                .ToArray()
        );
        Assert.Equal(
            softmax(tensor(new float[] { 1, 3 }), 0)[1].item<float>(),
            OutputValues
                .Of(
                    Output(OutputTarget.Presence, ""),
                    tensor(new float[] { 1, 3 }).reshape(1, 2, 1, 1),
                    [1, 4]
                )
                .item<float>()
        );
    }

    [Fact]
    public void Flips_swap_the_maps_of_sides()
    {
        TestTimeFlip flip = new([Data.ModelAxis.Width], [new(1, 2)]);
        var maps = tensor(
                new float[]
                {
                    1,
                    2, /**/
                    3,
                    4,
                }
            )
            .reshape(1, 2, 1, 1, 2);
        Assert.Equal([4, 3, 2, 1], flip.Undo(maps, firstLabel: 1).data<float>().ToArray());
        Assert.Equal(
            [2, 1],
            flip.Undo(maps.narrow(1, 0, 1), firstLabel: 1).data<float>().ToArray()
        );
    }

    private (int Predicted, int Skipped) Predict(
        string[] outputs,
        long[] seeds,
        PredictionMode? mode = null
    )
    {
        using var predictor = Predictor.Open(
            [.. seeds.Select((seed, i) => Runs.Write(At($"run-{i}"), Spec, seed).Root)],
            Precision.Fp32,
            CPU,
            SilentProgress.Instance,
            mode
        );
        var summary = PredictionJob.Run(
            predictor,
            new PredictionRequest(
                PredictionInput.Find([At("a.nii.gz")]),
                At("out"),
                new PredictionOutput(Probabilities: true) { Named = outputs },
                Postprocessing.None
            ),
            SilentProgress.Instance
        );
        Assert.Empty(summary.Problems);
        return (summary.Predicted, summary.Skipped);
    }

    private static string Conv(int channels) =>
        $$$"""{"conv":{"out":{"channels":{{{channels}}}},"kernel":1,"stride":1,"dilation":1,"padding":"symmetric","groups":"ungrouped","bias":true}}""";

    private string At(string name) => Path.Combine(folder, name);
}
