using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;

namespace KneeSeg.Runs.Nnunet;

/// <summary>A configuration of nnU-Net's plans: what the fields of <c>plans.json</c> and <c>dataset.json</c> mean here.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Network">The network.</param>
/// <param name="Preprocessing">The preprocessing.</param>
/// <param name="Patch">The patch size; its depth is 1 for a 2D network.</param>
/// <param name="BatchSize">Patches per training step.</param>
/// <param name="Labels">The label map.</param>
/// <param name="Channels">The names of the images' channels; empty for one.</param>
public sealed record NnunetPlans(
    string Dataset,
    NnunetPlan Network,
    Preprocessor Preprocessing,
    ModelSize Patch,
    int BatchSize,
    LabelSchema Labels,
    IReadOnlyList<string> Channels
)
{
    /// <summary>The files that make a folder one of nnU-Net's results.</summary>
    private const string PlansFile = "plans.json";
    private const string DatasetFile = "dataset.json";

    private const string Fix = "Import a configuration without it";

    // Readers that keep the order in which the file stores voxels, and the one that turns them first.
    private static readonly string[] Readers = ["SimpleITKIO", "NibabelIO"];
    private const string ReorientingReader = "NibabelIOWithReorient";

    /// <summary>Whether a folder is <c>TRAINER__PLANS__CONFIGURATION</c> of nnU-Net's results.</summary>
    public static bool AreIn(string folder) =>
        File.Exists(Path.Combine(folder, PlansFile))
        && File.Exists(Path.Combine(folder, DatasetFile));

    /// <summary>Reads the configuration that a folder is named for.</summary>
    /// <param name="folder">See <see cref="AreIn"/>.</param>
    /// <exception cref="ProblemException">A field is missing or has a value that can't be followed (exit 3).</exception>
    public static NnunetPlans Read(string folder)
    {
        using var plansJson = Json(Path.Combine(folder, PlansFile));
        using var datasetJson = Json(Path.Combine(folder, DatasetFile));
        var plans = new ManifestField(PlansFile, "", plansJson.RootElement);
        var dataset = new ManifestField(DatasetFile, "", datasetJson.RootElement);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var own = new Configuration(plans, name.Split("__")[^1]);
        if (dataset.Find("regions_class_order") is { } regions)
            throw regions.Fault(
                "the network predicts overlapping regions",
                "Import a network that predicts labels"
            );
        var patch = Numbers(own.Get("patch_size"));
        var channels = NnunetFolder.Channels(
            dataset.Find("channel_names") ?? dataset.Get("modality")
        );
        return new(
            plans.Find("dataset_name")?.Text() ?? name,
            own.Network(patch.Length),
            own.Preprocessing(channels.Length),
            patch is [var height, var width]
                ? new(1, height, width)
                : new(patch[0], patch[1], patch[2]),
            own.Get("batch_size").Integer(),
            NnunetFolder.Profile(dataset),
            channels.Length > 1 ? channels : []
        );
    }

    internal static JsonDocument Json(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"is not valid JSON ({e.Message.TrimEnd('.')})",
                "Copy it again from where the network was trained",
                e
            );
        }
    }

    private static int[] Numbers(ManifestField field) =>
        [.. field.Items().Select(item => item.Integer())];

    // One configuration, with the fields of those that it inherits from.
    private sealed class Configuration
    {
        private readonly ManifestField plans;
        private readonly List<ManifestField> fields = [];
        private readonly string name;

        public Configuration(ManifestField plans, string name)
        {
            (this.plans, this.name) = (plans, name);
            var all = plans.Get("configurations");
            for (string? next = name; next is not null; )
            {
                if (all.Find(next) is not { } found)
                    throw all.Fault(
                        $"there is no configuration {next}, which the folder is named for",
                        $"Name the folder TRAINER__PLANS__CONFIGURATION; there are {string.Join(", ", all.Fields().Select(one => one.Name))}"
                    );
                if (fields.Any(one => one.Path == found.Path))
                    throw found.Fault("it inherits from itself", "Remove inherits_from");
                fields.Add(found);
                next = found.Find("inherits_from")?.Text();
            }
            if (Find("previous_stage") is { } cascade)
                throw cascade.Fault(
                    "it is the second stage of a cascade, which takes the labels of the first",
                    Fix
                );
        }

        public ManifestField Get(string field) => Find(field) ?? fields[0].Get(field);

        public Preprocessor Preprocessing(int channels)
        {
            foreach (var function in new[] { "data", "probabilities" })
                CheckResampling(function);
            if (
                Find("preprocessor_name") is { } preprocessor
                && preprocessor.Text() != "DefaultPreprocessor"
            )
                throw Unknown(preprocessor, "DefaultPreprocessor");
            var spacing = Get("spacing").Items().Select(item => item.Number()).ToArray();
            var planar = spacing.Length == 2;
            var median = plans
                .Find("original_median_spacing_after_transp")
                ?.Items()
                .First()
                .Number();
            return new(
                planar
                    ? new(median ?? 1, spacing[0], spacing[1])
                    : new(spacing[0], spacing[1], spacing[2]),
                Intensity: NormalizationMethod.ZScore,
                Interpolation: Interpolation.Cubic
            )
            {
                Nnunet = new(
                    Order(plans.Get("transpose_forward")),
                    [.. Enumerable.Range(0, channels).Select(Intensity)]
                )
                {
                    Planar = planar,
                    Reorient = Reorients(),
                },
            };
        }

        public NnunetPlan Network(int axes)
        {
            var network = Find("architecture") is { } architecture
                ? Planned(architecture)
                : OfOldPlans();
            var stages = network.Features.Length;
            var isConsistent =
                stages > 1
                && network.Kernels.Length == stages
                && network.Strides.Length == stages
                && network.Encoder.Length == stages
                && network.Decoder.Length == stages - 1
                && network.Kernels.Concat(network.Strides).All(size => size.Length == axes);
            var where = Find("architecture") ?? fields[0];
            if (!isConsistent)
                throw where.Fault(
                    $"its lists do not describe the same number of stages, along {axes} axes",
                    "Copy plans.json again from where the network was trained"
                );
            if (network.Strides[0].Any(stride => stride != 1))
                throw where.Fault("its first stage has a stride", Fix);
            if (network.Kernels.Any(kernel => kernel.Any(length => length % 2 == 0)))
                throw where.Fault("it has kernels of even size", Fix);
            if (
                axes == 2
                && network.Kernels.Concat(network.Strides).Any(size => size[0] != size[1])
            )
                throw where.Fault("it has kernels or strides that are not square", Fix);
            return network;
        }

        private ManifestField? Find(string field) =>
            fields.Select(one => one.Find(field)).FirstOrDefault(one => one is not null);

        private NnunetPlan Planned(ManifestField architecture)
        {
            var kind = architecture.Get("network_class_name");
            var kinds = new[] { "PlainConvUNet", "ResidualEncoderUNet" };
            var isResidual = ClassName(kind) == kinds[1];
            if (!kinds.Contains(ClassName(kind)))
                throw Unknown(kind, kinds);
            var own = architecture.Get("arch_kwargs");
            foreach (
                var field in new[]
                {
                    "dropout_op",
                    "nonlin_first",
                    "squeeze_excitation",
                    "stochastic_depth_p",
                    "bottleneck_channels",
                }
            )
                if (
                    own.Find(field) is { } used
                    && used.Value.ValueKind != JsonValueKind.False
                    && used.Value.ToString() is not ("0" or "0.0")
                )
                    throw used.Fault("this is not supported", Fix);
            var norm = own.Get("norm_op");
            var isBatchNorm = ClassName(norm).StartsWith("BatchNorm", StringComparison.Ordinal);
            if (
                !isBatchNorm
                && !ClassName(norm).StartsWith("InstanceNorm", StringComparison.Ordinal)
            )
                throw Unknown(norm, "InstanceNorm", "BatchNorm");
            var norms = own.Find("norm_op_kwargs");
            if (!isBatchNorm && norms?.Find("affine")?.Value.ValueKind != JsonValueKind.True)
                throw norm.Fault("its norms learn no scale", Fix);
            var act = own.Get("nonlin");
            if (ClassName(act) is not ("LeakyReLU" or "ReLU"))
                throw Unknown(act, "LeakyReLU", "ReLU");
            var stages = own.Get("n_stages").Integer();
            return NnunetPlan.Create(
                $"nnunet-{name.Replace('_', '-').ToLowerInvariant()}",
                isResidual,
                PerStage(own.Get("features_per_stage"), stages),
                Sizes(own.Get("kernel_sizes")),
                Sizes(own.Get("strides")),
                PerStage(own.Get(isResidual ? "n_blocks_per_stage" : "n_conv_per_stage"), stages),
                PerStage(own.Get("n_conv_per_stage_decoder"), stages - 1),
                own.Get("conv_bias").Value.ValueKind == JsonValueKind.True,
                isBatchNorm,
                norms?.Find("eps")?.Number() ?? 1e-5,
                ClassName(act) == "ReLU"
                    ? 0
                    : own.Find("nonlin_kwargs")?.Find("negative_slope")?.Number() ?? 0.01
            );
        }

        // Plans of before 2024 name only what differs from PlainConvUNet's defaults.
        private NnunetPlan OfOldPlans()
        {
            var kind = Get("UNet_class_name");
            var kinds = new[] { "PlainConvUNet", "ResidualEncoderUNet" };
            if (!kinds.Contains(kind.Text()))
                throw Unknown(kind, kinds);
            var kernels = Sizes(Get("conv_kernel_sizes"));
            var (first, most) = (
                Get("UNet_base_num_features").Integer(),
                Get("unet_max_num_features").Integer()
            );
            return NnunetPlan.Create(
                $"nnunet-{name.Replace('_', '-').ToLowerInvariant()}",
                kind.Text() == kinds[1],
                [.. kernels.Select((_, stage) => (int)Math.Min((long)first << stage, most))],
                kernels,
                Sizes(Get("pool_op_kernel_sizes")),
                PerStage(Get("n_conv_per_stage_encoder"), kernels.Length),
                PerStage(Get("n_conv_per_stage_decoder"), kernels.Length - 1),
                bias: true,
                isBatchNorm: false,
                epsilon: 1e-5,
                slope: 0.01
            );
        }

        private NnunetIntensity Intensity(int channel)
        {
            var scheme = Get("normalization_schemes").Items().ElementAtOrDefault(channel)
                is { File: not null } one
                ? one
                : throw Get("normalization_schemes")
                    .Fault(
                        $"it has none for channel {channel} of dataset.json",
                        "Copy both files again from where the network was trained"
                    );
            var rule = scheme.Text() switch
            {
                "ZScoreNormalization" => NnunetScheme.ZScore,
                "CTNormalization" => NnunetScheme.Ct,
                "NoNormalization" => NnunetScheme.None,
                "RescaleTo01Normalization" => NnunetScheme.ZeroToOne,
                "RGBTo01Normalization" => NnunetScheme.Rgb,
                _ => throw Unknown(
                    scheme,
                    "ZScoreNormalization",
                    "CTNormalization",
                    "NoNormalization",
                    "RescaleTo01Normalization",
                    "RGBTo01Normalization"
                ),
            };
            var inMask =
                Get("use_mask_for_norm").Items().ElementAtOrDefault(channel).Value.ValueKind
                == JsonValueKind.True;
            if (rule != NnunetScheme.Ct)
                return new(rule) { InMask = inMask && rule == NnunetScheme.ZScore };
            var known = (
                plans.Find("foreground_intensity_properties_per_channel")
                ?? plans.Get("foreground_intensity_properties_by_modality")
            ).Get($"{channel}");
            return new(rule)
            {
                Low = known.Get("percentile_00_5").Number(),
                High = known.Get("percentile_99_5").Number(),
                Mean = known.Get("mean").Number(),
                Deviation = known.Get("std").Number(),
            };
        }

        // Only what the resampling of this program does too.
        private void CheckResampling(string of)
        {
            var (order, known) = (of == "data" ? 3 : 1, "resample_data_or_seg_to_shape");
            if (Find($"resampling_fn_{of}") is { } function && function.Text() != known)
                throw Unknown(function, known);
            if (Find($"resampling_fn_{of}_kwargs") is not { } settings)
                return;
            foreach (var (field, value) in new[] { ("order", order), ("order_z", 0) })
                if (settings.Find(field) is { } found && found.Integer() != value)
                    throw Unknown(found, $"{value}");
            if (settings.Find("force_separate_z") is { } forced)
                throw Unknown(forced, "null");
        }

        private bool Reorients()
        {
            var reader = plans.Find("image_reader_writer");
            if (
                reader is { } used
                && used.Text() != ReorientingReader
                && !Readers.Contains(used.Text())
            )
                throw Unknown(used, [.. Readers, ReorientingReader]);
            return reader?.Text() == ReorientingReader;
        }

        private static int[] Order(ManifestField field) =>
            Numbers(field) is [_, _, _] order && order.Order().SequenceEqual([0, 1, 2])
                ? order
                : throw field.Fault("it is not an order of three axes", "Write [0, 1, 2]");

        private static ProblemException Unknown(ManifestField field, params string[] known) =>
            field.Fault(
                $"{field.Value} is not supported",
                $"Import a configuration with {string.Join(" or ", known)}"
            );

        // Without the module that PyTorch has it in.
        private static string ClassName(ManifestField field) => field.Text().Split('.')[^1];

        private static int[] PerStage(ManifestField field, int stages) =>
            field.Value.ValueKind == JsonValueKind.Number
                ? [.. Enumerable.Repeat(field.Integer(), stages)]
                : Numbers(field);

        private static int[][] Sizes(ManifestField field) => [.. field.Items().Select(Numbers)];
    }
}
