using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using KneeSeg.Experiments.Import;
using KneeSeg.Imaging;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Runs;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>Results of nnU-Net that become runs, against the network written in plain TorchSharp.</summary>
public sealed class NnunetImportTests : IDisposable
{
    private const string Plans = """
        {"dataset_name": "Dataset042_Knee", "image_reader_writer": "SimpleITKIO", "transpose_forward": [1, 0, 2],
         "configurations": {"3d_fullres": {
           "batch_size": 2, "patch_size": [4, 8, 8], "spacing": [1, 1, 1],
           "normalization_schemes": ["ZScoreNormalization"], "use_mask_for_norm": [false],
           "UNet_class_name": "PlainConvUNet", "UNet_base_num_features": 3, "unet_max_num_features": 5,
           "n_conv_per_stage_encoder": [1, 2], "n_conv_per_stage_decoder": [1],
           "conv_kernel_sizes": [[1, 3, 3], [3, 3, 3]], "pool_op_kernel_sizes": [[1, 1, 1], [2, 2, 2]]}}}
        """;

    private const string Dataset = """
        {"channel_names": {"0": "MRI"}, "labels": {"background": 0, "bone": 1, "cartilage": 2}, "file_ending": ".nii.gz"}
        """;

    private readonly string root = Directory.CreateTempSubdirectory("kneeseg-").FullName;
    private readonly Generator random = new(5);

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Folds_are_an_ensemble_that_averages_logits()
    {
        var folds = new[] { Weights(), Weights() };
        var runs = Import(folds);
        Assert.Equal(["fold_0", "fold_1"], runs.Select(run => Path.GetFileName(run)!));

        // Larger than a window along two axes, and with zeros around that are not predicted.
        var grid = Grid.Centered(new(11, 6, 8), new(1, 1, 1), "RAS");
        float[] voxels = new float[grid.Size.Count];
        for (var i = 0; i < voxels.Length; i++)
            if (i % 11 > 0 && i / 66 < 7)
                voxels[i] = 5 + rand(1, generator: random).item<float>();
        using var predictor = Predictor.Open(runs, Precision.Fp32, CPU, SilentProgress.Instance);
        var found = predictor.Predict(
            [new Volume<float>(grid, voxels)],
            predictor.Plan(grid, new PredictionOutput(Probabilities: true))
        );

        var expected = MeanLogits(voxels, folds);
        Assert.Equal(
            expected.argmax(0).data<long>().Select(label => (byte)label),
            found.Labels.Voxels
        );
        var bone = nn.functional.softmax(expected, 0)[1].contiguous().data<float>();
        foreach (var (wanted, seen) in bone.Zip(found.Probabilities[0].Voxels))
            Assert.Equal(wanted, seen / (float)ushort.MaxValue, 2e-5f);
    }

    [Fact]
    public void A_single_fold_is_the_run_itself()
    {
        var run = Assert.Single(Import([Weights()]));
        Assert.Equal(Path.Combine(root, "run"), run);
        var manifest = RunFolder.Open(run).Describe();
        Assert.Equal(WindowAverage.Logits, manifest.Averaged);
        Assert.Equal(["background", "bone", "cartilage"], manifest.Labels);
        Assert.EndsWith("fold_0/checkpoint_final.pth", manifest.From);
        var problem = Assert.Throws<ProblemException>(() => Import([Weights()]));
        Assert.Equal((ExitCode.Usage, "is a run already"), (problem.Exit, problem.What));
    }

    [Fact]
    public void What_does_not_fit_the_plans_is_listed()
    {
        var weights = Weights();
        weights["decoder.transpconvs.0.weight"] = zeros([5, 4, 2, 2, 2]);
        weights["decoder.adapter.weight"] = ones(2);
        var problem = Assert.Throws<ProblemException>(() => Import([weights]));
        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.Contains("decoder.transpconvs.0 has weight [5, 4, 2, 2, 2], bias [3]", problem.What);
        Assert.Contains("decoder.adapter is left over", problem.What);
        Assert.False(RunFolder.Exists(Path.Combine(root, "run")));
    }

    [Fact]
    public void Copies_of_a_module_that_differ_are_refused()
    {
        var weights = Weights();
        weights["encoder.stages.1.0.convs.0.all_modules.0.weight"] = zeros([5, 3, 3, 3, 3]);
        var problem = Assert.Throws<ProblemException>(() => Import([weights]));
        Assert.Contains("with different weights", problem.What);
    }

    private IReadOnlyList<string> Import(IReadOnlyList<Dictionary<string, Tensor>> folds)
    {
        var folder = Path.Combine(root, "nnUNetTrainer__nnUNetPlans__3d_fullres");
        foreach (var (i, weights) in folds.Index())
        {
            var fold = Directory.CreateDirectory(Path.Combine(folder, $"fold_{i}")).FullName;
            WriteSafetensors(Path.Combine(fold, "checkpoint_final.pth"), weights);
        }
        File.WriteAllText(Path.Combine(folder, "plans.json"), Plans);
        File.WriteAllText(Path.Combine(folder, "dataset.json"), Dataset);
        return NnunetImport.Run(folder, [], Path.Combine(root, "run"), SilentProgress.Instance);
    }

    private Dictionary<string, Tensor> Weights()
    {
        Dictionary<string, Tensor> weights = [];
        void Unit(string name, int before, int width, params long[] kernel)
        {
            Add($"{name}.conv.weight", [width, before, .. kernel]);
            Add($"{name}.conv.bias", [width]);
            Add($"{name}.norm.weight", [width]);
            Add($"{name}.norm.bias", [width]);
            // PyTorch lists the same modules once more.
            foreach (var last in new[] { "weight", "bias" })
            {
                weights[$"{name}.all_modules.0.{last}"] = weights[$"{name}.conv.{last}"];
                weights[$"{name}.all_modules.1.{last}"] = weights[$"{name}.norm.{last}"];
            }
        }
        void Add(string name, long[] shape) => weights[name] = randn(shape, generator: random);

        Unit("encoder.stages.0.0.convs.0", 1, 3, 1, 3, 3);
        Unit("encoder.stages.1.0.convs.0", 3, 5, 3, 3, 3);
        Unit("encoder.stages.1.0.convs.1", 5, 5, 3, 3, 3);
        Add("decoder.transpconvs.0.weight", [5, 3, 2, 2, 2]);
        Add("decoder.transpconvs.0.bias", [3]);
        Unit("decoder.stages.0.convs.0", 6, 3, 1, 3, 3);
        Add("decoder.seg_layers.0.weight", [3, 3, 1, 1, 1]);
        Add("decoder.seg_layers.0.bias", [3]);
        return weights;
    }

    private static Tensor Logits(Tensor image, Dictionary<string, Tensor> weights)
    {
        Tensor Unit(Tensor x, string name, long stride = 1)
        {
            var kernel = weights[$"{name}.conv.weight"];
            var conv = nn.functional.conv3d(
                x,
                kernel,
                weights[$"{name}.conv.bias"],
                [stride, stride, stride],
                [kernel.shape[2] / 2, 1, 1]
            );
            var normed = nn.functional.instance_norm(
                conv,
                weight: weights[$"{name}.norm.weight"],
                bias: weights[$"{name}.norm.bias"],
                eps: 1e-5
            );
            return nn.functional.leaky_relu(normed, 0.01);
        }
        var first = Unit(image, "encoder.stages.0.0.convs.0");
        var second = Unit(
            Unit(first, "encoder.stages.1.0.convs.0", 2),
            "encoder.stages.1.0.convs.1"
        );
        var up = nn.functional.conv_transpose3d(
            second,
            weights["decoder.transpconvs.0.weight"],
            weights["decoder.transpconvs.0.bias"],
            [2, 2, 2]
        );
        return nn.functional.conv3d(
            Unit(cat([up, first], 1), "decoder.stages.0.convs.0"),
            weights["decoder.seg_layers.0.weight"],
            weights["decoder.seg_layers.0.bias"]
        );
    }

    // Image [8, 6, 11] as stored; its box [7, 6, 10] with the first two axes exchanged is [6, 7, 10]: windows of [4, 8, 8] begin at
    // 0 and 2, at 0 after one voxel of zeros, and at 0 and 2.
    private static Tensor MeanLogits(
        float[] voxels,
        IReadOnlyList<Dictionary<string, Tensor>> folds
    )
    {
        var box = tensor(voxels, [8, 6, 11])[..7, .., 1..].transpose(0, 1);
        var image = (box - box.mean()) / box.std(unbiased: false);
        // [7 → 8] along the second axis: nothing before, one voxel after.
        image = nn.functional.pad(image.unsqueeze(0).unsqueeze(0), [0, 0, 0, 1, 0, 0]);
        Tensor Bell(int n) => exp(-0.5 * ((arange(n) - n / 2) / (n / 8.0)).pow(2));
        var weight = Bell(4).reshape(4, 1, 1) * Bell(8).reshape(1, 8, 1) * Bell(8).reshape(1, 1, 8);
        var mean = zeros(3, 6, 8, 10);
        foreach (var fold in folds)
        {
            var (sum, all) = (zeros(3, 6, 8, 10), zeros(6, 8, 10));
            foreach (var d in new[] { 0, 2 })
            foreach (var w in new[] { 0, 2 })
            {
                var part = Logits(image.narrow(2, d, 4).narrow(4, w, 8), fold)[0];
                sum.narrow(1, d, 4).narrow(3, w, 8).add_(part * weight);
                all.narrow(0, d, 4).narrow(2, w, 8).add_(weight);
            }
            mean += sum / all / folds.Count;
        }
        // Outside of the box there is background, for certain.
        var logits = cat([full([1, 8, 6, 11], 100f), zeros(2, 8, 6, 11)], 0);
        logits[.., ..7, .., 1..] = mean.narrow(2, 0, 7).transpose(1, 2);
        return logits;
    }

    private static void WriteSafetensors(string path, Dictionary<string, Tensor> tensors)
    {
        Dictionary<string, object> header = [];
        using var data = new MemoryStream();
        foreach (var (name, tensor) in tensors)
        {
            var begin = data.Length;
            data.Write(MemoryMarshal.AsBytes<float>(tensor.data<float>().ToArray()));
            header[name] = new
            {
                dtype = "F32",
                tensor.shape,
                data_offsets = new[] { begin, data.Length },
            };
        }
        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        File.WriteAllBytes(
            path,
            [.. BitConverter.GetBytes((long)json.Length), .. json, .. data.ToArray()]
        );
    }
}
