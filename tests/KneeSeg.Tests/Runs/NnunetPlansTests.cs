using System.Text.Json.Nodes;
using KneeSeg.Data;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Runs.Nnunet;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Runs;

/// <summary>nnU-Net's <c>plans.json</c>: what its fields mean, and which are refused.</summary>
public sealed class NnunetPlansTests : IDisposable
{
    private const string Plans = """
        {
          "dataset_name": "Dataset042_Knee",
          "original_median_spacing_after_transp": [0.7, 0.36, 0.36],
          "image_reader_writer": "SimpleITKIO",
          "transpose_forward": [2, 0, 1],
          "foreground_intensity_properties_per_channel": {
            "0": {"mean": 90.5, "std": 40, "percentile_00_5": -20, "percentile_99_5": 170}
          },
          "configurations": {
            "2d": {
              "batch_size": 12, "patch_size": [64, 48], "spacing": [0.36, 0.4],
              "normalization_schemes": ["CTNormalization"], "use_mask_for_norm": [false],
              "UNet_class_name": "PlainConvUNet", "UNet_base_num_features": 8, "unet_max_num_features": 20,
              "n_conv_per_stage_encoder": [2, 2, 2], "n_conv_per_stage_decoder": [2, 2],
              "conv_kernel_sizes": [[3, 3], [3, 3], [3, 3]], "pool_op_kernel_sizes": [[1, 1], [2, 2], [2, 2]]
            },
            "3d_fullres": {
              "batch_size": 2, "patch_size": [16, 32, 24], "spacing": [0.7, 0.36, 0.4],
              "preprocessor_name": "DefaultPreprocessor",
              "normalization_schemes": ["ZScoreNormalization"], "use_mask_for_norm": [true],
              "resampling_fn_data": "resample_data_or_seg_to_shape",
              "resampling_fn_data_kwargs": {"is_seg": false, "order": 3, "order_z": 0, "force_separate_z": null},
              "resampling_fn_probabilities": "resample_data_or_seg_to_shape",
              "resampling_fn_probabilities_kwargs": {"is_seg": false, "order": 1, "order_z": 0, "force_separate_z": null},
              "architecture": {
                "network_class_name": "dynamic_network_architectures.architectures.unet.ResidualEncoderUNet",
                "arch_kwargs": {
                  "n_stages": 3, "features_per_stage": [32, 64, 128],
                  "conv_op": "torch.nn.modules.conv.Conv3d",
                  "kernel_sizes": [[3, 3, 3], [3, 3, 3], [3, 3, 3]], "strides": [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
                  "n_blocks_per_stage": [1, 3, 2], "n_conv_per_stage_decoder": [1, 1],
                  "conv_bias": true, "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
                  "norm_op_kwargs": {"eps": 1e-05, "affine": true}, "dropout_op": null, "dropout_op_kwargs": null,
                  "nonlin": "torch.nn.LeakyReLU", "nonlin_kwargs": {"inplace": true}
                },
                "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"]
              }
            },
            "3d_larger": {"inherits_from": "3d_fullres", "patch_size": [32, 64, 48]},
            "3d_cascade_fullres": {"inherits_from": "3d_fullres", "previous_stage": "3d_lowres"},
            "circle": {"inherits_from": "circle"}
          }
        }
        """;

    private const string Dataset = """
        {"channel_names": {"0": "MRI"}, "labels": {"background": 0, "femoral cartilage": 1, "tibial cartilage": 2, "ignore": 3},
         "numTraining": 3, "file_ending": ".nii.gz"}
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_residual_encoder_has_the_parameters_of_PyTorchs()
    {
        var plans = Read("3d_fullres");
        var spec = Networks.OfNnunet(plans.Network);
        var cost = Networks.Cost(Networks.Elaborate(spec, 1, 5), [16, 32, 24]);
        Assert.Equal(2_577_386, cost.Parameters);
        Assert.Equal("nnunet-3d-fullres", spec.Name);
        Assert.Equal(new ModelSize(16, 32, 24), plans.Patch);
        Assert.Equal(2, plans.BatchSize);
        Assert.Equal("Dataset042_Knee", plans.Dataset);
        Assert.Equal(["background", "femoral cartilage", "tibial cartilage"], plans.Labels.Labels);
        Assert.Equal((byte)3, plans.Labels.Ignore);
        Assert.Empty(plans.Channels);
        Assert.Equal(new(0.7, 0.36, 0.4), plans.Preprocessing.Spacing);
        Assert.Equal(
            new([2, 0, 1], [new(NnunetScheme.ZScore) { InMask = true }]),
            plans.Preprocessing.Nnunet
        );
    }

    [Fact]
    public void A_plan_of_before_2024_for_slices_is_read()
    {
        var plans = Read("2d");
        var graph = Networks.Elaborate(Networks.OfNnunet(plans.Network), 1, 3);
        Assert.Equal(2, graph.Axes);
        Assert.Equal([8, 16, 20], plans.Network.Features);
        Assert.Equal(new ModelSize(1, 64, 48), plans.Patch);
        Assert.Equal(new(0.7, 0.36, 0.4), plans.Preprocessing.Spacing);
        Assert.True(plans.Preprocessing.Nnunet!.Planar);
        Assert.Equal(
            [
                new NnunetIntensity(NnunetScheme.Ct)
                {
                    Low = -20,
                    High = 170,
                    Mean = 90.5,
                    Deviation = 40,
                },
            ],
            plans.Preprocessing.Nnunet.Channels
        );
    }

    [Fact]
    public void A_configuration_inherits()
    {
        var plans = Read("3d_larger");
        Assert.Equal(new ModelSize(32, 64, 48), plans.Patch);
        Assert.Equal(Read("3d_fullres").Preprocessing, plans.Preprocessing);
    }

    [Theory]
    [InlineData("3d_lowres", "configurations", "there is no configuration 3d_lowres")]
    [InlineData("3d_cascade_fullres", "previous_stage", "second stage of a cascade")]
    [InlineData("circle", "configurations.circle", "it inherits from itself")]
    public void Another_configuration_is_refused_by_name(string name, string where, string what) =>
        Refused(name, where, what);

    [Theory]
    [InlineData("architecture.network_class_name", "\"x.Primus\"", "x.Primus is not supported")]
    [InlineData("architecture.arch_kwargs.dropout_op", "\"Dropout3d\"", "not supported")]
    [InlineData("architecture.arch_kwargs.norm_op", "\"x.GroupNorm\"", "x.GroupNorm")]
    [InlineData("architecture.arch_kwargs.kernel_sizes[1]", "[2, 3, 3]", "kernels of even size")]
    [InlineData("architecture.arch_kwargs.n_blocks_per_stage", "[1, 2]", "number of stages")]
    [InlineData("normalization_schemes[0]", "\"Own\"", "Own is not supported")]
    [InlineData("resampling_fn_data", "\"resample_torch\"", "resample_torch is not supported")]
    [InlineData("resampling_fn_data_kwargs.force_separate_z", "true", "True is not supported")]
    [InlineData("preprocessor_name", "\"Own\"", "Own is not supported")]
    public void A_value_that_is_not_followed_is_refused_by_name(
        string field,
        string value,
        string what
    )
    {
        var plans = JsonNode.Parse(Plans)!;
        JsonNode at = plans["configurations"]!["3d_fullres"]!;
        var steps = field.Replace("[", ".").Replace("]", "").Split('.');
        foreach (var step in steps[..^1])
            at = at[step]!;
        if (at is JsonArray list)
            list[int.Parse(steps[^1])] = JsonNode.Parse(value);
        else
            at[steps[^1]] = JsonNode.Parse(value);
        Refused("3d_fullres", "plans.json, configurations.3d_fullres", what, plans.ToJsonString());
    }

    [Fact]
    public void Regions_are_refused() =>
        Refused(
            "3d_fullres",
            "regions_class_order",
            "overlapping regions",
            dataset: """{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "all": [1, 2]}, "regions_class_order": [1]}"""
        );

    [Fact]
    public void The_largest_component_is_kept_of_single_labels()
    {
        var results = Directory.CreateDirectory(folder["crossval_results_folds_0_1_2_3_4"]);
        File.WriteAllText(
            Path.Combine(results.FullName, "postprocessing.json"),
            """
            {"postprocessing_fns": ["remove_all_but_largest_component_from_segmentation", "remove_all_but_largest_component_from_segmentation"],
             "postprocessing_kwargs": [{"labels_or_regions": [1, 2]}, {"labels_or_regions": 2}]}
            """
        );
        var found = NnunetPostprocessing.Read(Path.GetDirectoryName(results.FullName)!);
        Assert.Equal([2], found.Largest);
        Assert.Contains("[1, 2]", Assert.Single(found.Others));
    }

    private NnunetPlans Read(string configuration, string plans = Plans, string dataset = Dataset)
    {
        var at = folder[$"nnUNetTrainer__nnUNetPlans__{configuration}"];
        Directory.CreateDirectory(at);
        File.WriteAllText(Path.Combine(at, "plans.json"), plans);
        File.WriteAllText(Path.Combine(at, "dataset.json"), dataset);
        Assert.True(NnunetPlans.AreIn(at));
        return NnunetPlans.Read(at);
    }

    private void Refused(
        string configuration,
        string where,
        string what,
        string plans = Plans,
        string dataset = Dataset
    )
    {
        var problem = Assert.Throws<ProblemException>(() => Read(configuration, plans, dataset));
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.Contains(where, problem.Where);
        Assert.Contains(what, problem.What);
    }
}
