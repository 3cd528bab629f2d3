namespace KneeSeg.Weights.Matching;

/// <summary>The programs whose names of layers are known.</summary>
internal static class NameRules
{
    public static IReadOnlyList<NameRule> All { get; } =
    [
        new(
            "nnU-Net",
            @"^decoder\.seg_layers\.",
            (@"^encoder\.stem\.convs\.", "0."),
            (@"^encoder\.stages\.(\d+)\.(?:\d+\.)?convs\.(\d+)", "1.$1.$2"),
            (@"^encoder\.stages\.(\d+)\.blocks\.(\d+)\.skip\.\d+", "1.$1.$2.*"),
            (@"^encoder\.stages\.(\d+)\.blocks\.(\d+)\.conv(\d)", "1.$1.$2.$3"),
            (@"^decoder\.transpconvs\.(\d+)", "2.$1.0"),
            (@"^decoder\.stages\.(\d+)\.convs\.(\d+)", "2.$1.1.$2"),
            (@"^decoder\.seg_layers\.", "3.")
        )
        {
            Heads = @"^decoder\.seg_layers\.",
            LastHeadIsOutput = true,
            Copies =
            [
                (@"^decoder\.encoder\.", "encoder."),
                (@"\.all_modules\.0$", ".conv"),
                (@"\.all_modules\.[12]$", ".norm"),
            ],
        },
        new(
            "MONAI's DynUNet",
            @"^input_block\.conv1\.conv$",
            (@"^input_block\.", "0."),
            (@"^downsamples\.", "1."),
            (@"^bottleneck\.", "2."),
            (@"^upsamples\.(\d+)\.transp_conv", "3.$1.0"),
            (@"^upsamples\.(\d+)\.conv_block", "3.$1.1"),
            (@"^output_block\.", "4."),
            (@"\.conv3\.conv$", ".*.0"),
            (@"\.norm3$", ".*.1"),
            (@"\.conv(\d)\.conv$", ".$1.0"),
            (@"\.norm(\d)$", ".$1.1")
        )
        {
            Heads = @"^deep_supervision_heads\.",
            // The same layers once more, as a linked list.
            Unused = @"^skip_layers\.",
        },
        new(
            "MONAI's VNet",
            @"^in_tr\.conv_block\.",
            (@"^in_tr\.", "0."),
            (@"^down_tr", "1."),
            (@"^up_tr256", "2.0"),
            (@"^up_tr128", "2.1"),
            (@"^up_tr64", "2.2"),
            (@"^up_tr32", "2.3"),
            (@"^out_tr\.", "3."),
            (@"\.(?:down|up)_conv$", ".0.0"),
            (@"\.bn1$", ".0.1"),
            (@"\.ops\.", ".1."),
            (@"\.conv_block\.conv$", ".0"),
            (@"\.conv_block\.adn\.N$", ".1"),
            (@"\.conv_block\.adn\.A$", ".2")
        ),
        new(
            "MONAI's SegResNet",
            @"^convInit\.",
            (@"^convInit\.conv$", "0"),
            (@"^down_layers\.(\d+)\.0\.conv$", "1.$1.0"),
            (@"^down_layers\.", "1."),
            (@"^up_samples\.(\d+)\.0", "2.$1.0"),
            (@"^up_layers\.(\d+)\.", "2.$1.1."),
            (@"^conv_final\.", "3."),
            (@"\.norm(\d)$", ".$1.0"),
            (@"\.conv(\d)\.conv$", ".$1.1")
        )
        {
            Unused = "^vae_",
        },
        new(
            "MONAI's BasicUNet",
            @"^upcat_1\.",
            (@"^conv_0\.", "0."),
            (@"^down_(\d)\.convs\.", "1.$1."),
            (@"^upcat_4\.", "2.0."),
            (@"^upcat_3\.", "2.1."),
            (@"^upcat_2\.", "2.2."),
            (@"^upcat_1\.", "2.3."),
            (@"^final_conv$", "3"),
            (@"\.upsample\.deconv$", ".0"),
            (@"\.convs\.", ".1."),
            (@"\.conv_(\d)\.conv$", ".$1.0"),
            (@"\.conv_(\d)\.adn\.N$", ".$1.1"),
            (@"\.conv_(\d)\.adn\.A$", ".$1.2")
        ),
        new(
            "MONAI's UNet",
            // Not AttentionUnet, whose levels end otherwise.
            @"^1\.(?:submodule\.1\.)*submodule\.2\.",
            (@"submodule\.", ""),
            (@"\.conv\.unit(\d)", ".0.$1"),
            (@"\.residual$", ".*"),
            (@"\.conv$", ".0"),
            (@"\.adn\.N$", ".1"),
            (@"\.adn\.A$", ".2")
        ),
        new(
            "segmentation_models.pytorch",
            @"^segmentation_head\.0$",
            (@"^encoder\.conv1$", "0.0"),
            (@"^encoder\.bn1$", "0.1"),
            (@"^encoder\.layer", "1."),
            (@"\.downsample\.", ".*."),
            (@"^decoder\.blocks\.(\d+)\.conv", "2.$1."),
            (@"^segmentation_head\.", "3."),
            (@"\.conv(\d)$", ".$1.0"),
            (@"\.bn(\d)$", ".$1.1")
        )
        {
            Unused = @"^classification_head\.|^encoder\.fc$",
        },
        new(
            "pytorch-3dunet",
            @"^encoders\.0\.basic_module\.",
            (@"^encoders\.(\d+)\.basic_module\.", "0.$1."),
            (@"^decoders\.(\d+)\.upsampling\.(?:upsample\.)?conv_transposed$", "1.$1.0"),
            (@"^decoders\.(\d+)\.basic_module\.", "1.$1.1."),
            (@"^final_conv$", "2"),
            (@"\.SingleConv", "."),
            // Normalization before or after the convolution.
            (@"\.(?:group|batch)norm$", ".*")
        ),
    ];
}
