using KneeSeg.Weights;
using KneeSeg.Weights.Matching;

namespace KneeSeg.Tests.Weights;

/// <summary>Layers of files find their layers of networks: by names that are known, or by a text that a person has checked.</summary>
public sealed class MatchingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    private string At => Path.Combine(folder, "a.safetensors");

    private string Keys => Path.Combine(folder, "keys.txt");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // Layers in the order in which they run: a name, and the shape of the weight. Names and order are those that the programs
    // gave; bench/import.sh compares the logits.
    private const string NnUNet = """
        encoder.stages.0.0.convs.0.conv 4 1 3 3 3
        encoder.stages.0.0.convs.0.norm 4
        encoder.stages.0.0.convs.1.conv 4 4 3 3 3
        encoder.stages.0.0.convs.1.norm 4
        encoder.stages.1.0.convs.0.conv 8 4 3 3 3
        encoder.stages.1.0.convs.0.norm 8
        encoder.stages.1.0.convs.1.conv 8 8 3 3 3
        encoder.stages.1.0.convs.1.norm 8
        decoder.transpconvs.0 8 4 2 2 2
        decoder.stages.0.convs.0.conv 4 8 3 3 3
        decoder.stages.0.convs.0.norm 4
        decoder.stages.0.convs.1.conv 4 4 3 3 3
        decoder.stages.0.convs.1.norm 4
        decoder.seg_layers.0 5 4 1 1 1
        """;

    private const string Residual = """
        encoder.stem.convs.0.conv 4 1 3 3 3
        encoder.stem.convs.0.norm 4
        encoder.stages.0.blocks.0.skip.1.conv 8 4 1 1 1
        encoder.stages.0.blocks.0.skip.1.norm 8
        encoder.stages.0.blocks.0.conv1.conv 8 4 3 3 3
        encoder.stages.0.blocks.0.conv1.norm 8
        encoder.stages.0.blocks.0.conv2.conv 8 8 3 3 3
        encoder.stages.0.blocks.0.conv2.norm 8
        encoder.stages.10.blocks.0.conv1.conv 8 8 3 3 3
        decoder.seg_layers.0 5 8 1 1 1
        """;

    private const string ShortcutLast = """
        input_block.conv1.conv 4 1 3 3 3
        input_block.norm1 4
        input_block.conv2.conv 4 4 3 3 3
        input_block.norm2 4
        input_block.conv3.conv 4 1 1 1 1
        input_block.norm3 4
        output_block.conv.conv 5 4 1 1 1
        """;

    private const string NormFirst = """
        encoders.0.basic_module.SingleConv1.groupnorm 1
        encoders.0.basic_module.SingleConv1.conv 4 1 3 3 3
        encoders.0.basic_module.SingleConv2.groupnorm 4
        encoders.0.basic_module.SingleConv2.conv 8 4 3 3 3
        encoders.1.basic_module.SingleConv1.groupnorm 8
        encoders.1.basic_module.SingleConv1.conv 8 8 3 3 3
        decoders.0.basic_module.SingleConv1.groupnorm 16
        decoders.0.basic_module.SingleConv1.conv 8 16 3 3 3
        final_conv 5 8 1 1 1
        """;

    private const string NormLast = """
        encoders.0.basic_module.SingleConv1.conv 4 1 3 3 3
        encoders.0.basic_module.SingleConv1.groupnorm 4
        encoders.0.basic_module.SingleConv2.conv 8 4 3 3 3
        encoders.0.basic_module.SingleConv2.groupnorm 8
        final_conv 5 8 1 1 1
        """;

    private const string Nested = """
        0.conv.unit0.conv 4 1 3 3 3
        0.conv.unit0.adn.N 4
        0.conv.unit0.adn.A 1
        1.submodule.0.conv.unit0.conv 8 4 3 3 3
        1.submodule.1.submodule.conv.unit0.conv 16 8 3 3 3
        1.submodule.2.0.conv 24 4 3 3 3
        1.submodule.2.1.conv.unit0.conv 4 4 3 3 3
        2.0.conv 8 5 3 3 3
        2.1.conv.unit0.conv 5 5 3 3 3
        """;

    private const string Numbered = """
        convInit.conv 4 1 3 3 3
        down_layers.0.1.norm1 4
        down_layers.0.1.conv1.conv 4 4 3 3 3
        down_layers.0.1.norm2 4
        down_layers.0.1.conv2.conv 4 4 3 3 3
        down_layers.1.0.conv 8 4 3 3 3
        up_samples.0.0.conv 4 8 1 1 1
        up_layers.0.0.norm1 4
        up_layers.0.0.conv1.conv 4 4 3 3 3
        conv_final.0 4
        conv_final.2.conv 5 4 1 1 1
        """;

    private const string Backbone = """
        encoder.conv1 4 1 7 7
        encoder.bn1 4
        encoder.layer1.0.conv1 4 4 3 3
        encoder.layer1.0.bn1 4
        encoder.layer2.0.downsample.0 8 4 1 1
        encoder.layer2.0.downsample.1 8
        encoder.layer2.0.conv1 8 4 3 3
        encoder.layer2.0.bn1 8
        decoder.blocks.0.conv1.0 4 12 3 3
        decoder.blocks.0.conv1.1 4
        segmentation_head.0 5 4 3 3
        """;

    [Theory]
    [InlineData("nnU-Net", NnUNet)]
    [InlineData("nnU-Net", Residual)]
    [InlineData("MONAI's DynUNet", ShortcutLast)]
    [InlineData("MONAI's SegResNet", Numbered)]
    [InlineData("MONAI's UNet", Nested)]
    [InlineData("segmentation_models.pytorch", Backbone)]
    [InlineData("pytorch-3dunet", NormFirst)]
    [InlineData("pytorch-3dunet", NormLast)]
    public void The_names_of_a_program_say_in_which_order_its_layers_run(
        string program,
        string layers
    )
    {
        var theirs = Layers(layers);
        var own = theirs.Select((layer, i) => Module($"layer{i}", layer.Shape)).ToArray();
        Write(theirs.Reverse());
        using var file = WeightsFile.Open(At);
        var match = ModuleMatch.Of(own, [], file);
        Assert.Equal($"the names of {program}", match.By);
        Assert.Empty(match.Differences);
        Assert.Equal(
            theirs.Select((layer, i) => ($"layer{i}", layer.Name)),
            match.Pairs.Select(pair => (pair.Own.Name, pair.Theirs.Name))
        );
    }

    [Fact]
    public void A_layer_under_several_names_is_read_once_and_has_to_be_the_same()
    {
        var theirs = Layers(NnUNet);
        var own = theirs.Select((layer, i) => Module($"layer{i}", layer.Shape)).ToArray();
        var copy = ("decoder.encoder.stages.0.0.convs.0.all_modules.0", new[] { 4L, 1, 3, 3, 3 });
        Write([copy, .. theirs]);
        using (var file = WeightsFile.Open(At))
            Assert.Empty(ModuleMatch.Of(own, [], file).Differences);

        Write([copy, .. theirs], differing: copy.Item1);
        using var changed = WeightsFile.Open(At);
        var problem = Assert.Throws<ProblemException>(() => ModuleMatch.Of(own, [], changed));
        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.Contains(
            "the same layer as encoder.stages.0.0.convs.0.conv and as decoder.encoder",
            problem.What
        );
    }

    [Fact]
    public void Heads_of_deep_supervision_are_left_out_unless_the_network_has_them()
    {
        var theirs = Layers(
            NnUNet.Replace("seg_layers.0", "seg_layers.1") + "\ndecoder.seg_layers.0 5 8 1 1 1"
        );
        var own = theirs
            .SkipLast(1)
            .Select((layer, i) => Module($"layer{i}", layer.Shape))
            .ToArray();
        Write(theirs);
        using var file = WeightsFile.Open(At);
        Assert.Equal(["decoder.seg_layers.0"], ModuleMatch.Of(own, [], file).Unused);
        var match = ModuleMatch.Of(own, [Module("head", [5, 8, 1, 1, 1])], file);
        Assert.Equal("decoder.seg_layers.0", match.Pairs[^1].Theirs.Name);
        Assert.Empty(match.Differences);
    }

    [Fact]
    public void What_does_not_fit_is_said_layer_by_layer()
    {
        var theirs = Layers(NnUNet);
        WeightModule[] own =
        [
            Module("other", [6, 1, 3, 3, 3]),
            .. theirs.Skip(1).SkipLast(1).Select((layer, i) => Module($"layer{i}", layer.Shape)),
            Module("more", [3]),
            Module("end", [5, 4, 1, 1, 1]),
        ];
        Write([.. theirs, ("further", [7])]);
        using var file = WeightsFile.Open(At);
        Assert.Equal(
            [
                "other has weight [6, 1, 3, 3, 3]; in its place, encoder.stages.0.0.convs.0.conv has weight [4, 1, 3, 3, 3]",
                "more is missing: weight [3]",
                "further is left over: weight [7]",
            ],
            ModuleMatch.Of(own, [], file).Differences
        );
    }

    [Fact]
    public void Unknown_names_give_a_proposal_that_a_person_can_correct()
    {
        WeightModule[] own =
        [
            Module("conv1", [4, 1, 3]),
            Module("conv2", [4, 4, 3]),
            Module("conv3", [4, 4, 3]),
        ];
        Write([("a", [4, 4, 3]), ("b", [4, 4, 3]), ("start", [4, 1, 3])]);
        using var file = WeightsFile.Open(At);
        var proposal = ModuleMatch.Of(own, [], file);
        Assert.Null(proposal.By);
        File.WriteAllText(Keys, KeyFile.Write(proposal));
        Assert.Equal(
            [("conv1", "start"), ("conv2", "a"), ("conv3", "b")],
            Pairs(KeyFile.Read(Keys, own, file)).Order()
        );

        File.WriteAllText(Keys, "conv1 = start # first\n\nconv3=a\nconv2 = b");
        var match = KeyFile.Read(Keys, own, file);
        Assert.Equal([("conv1", "start"), ("conv3", "a"), ("conv2", "b")], Pairs(match));
        Assert.Equal(("keys.txt", 0), (match.By, match.Differences.Count));
    }

    [Theory]
    [InlineData("conv1 start", "line 1: is not LAYER = LAYER")]
    [InlineData(
        "conv1 = start\nconv9 = a",
        "line 2: there is no layer conv9. Did you mean 'conv1'?"
    )]
    [InlineData("conv1 = strat", "line 1: there is no layer strat. Did you mean 'start'?")]
    [InlineData("conv1 = start\nconv1 = a", "line 2: conv1 has a layer already")]
    public void A_line_that_says_nothing_is_refused(string text, string because)
    {
        Write([("start", [4, 1, 3]), ("a", [4, 4, 3])]);
        File.WriteAllText(Keys, text);
        using var file = WeightsFile.Open(At);
        var problem = Assert.Throws<ProblemException>(() =>
            KeyFile.Read(Keys, [Module("conv1", [4, 1, 3])], file)
        );
        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.Contains(because, problem.Message);
    }

    [Fact]
    public void Lines_of_other_shapes_and_layers_without_a_line_are_differences()
    {
        Write([("start", [4, 1, 3]), ("a", [4, 4, 3])]);
        File.WriteAllText(Keys, "conv1 = a");
        using var file = WeightsFile.Open(At);
        Assert.Equal(
            ["conv1 has weight [4, 1, 3], a has weight [4, 4, 3]", "conv2 has no line"],
            KeyFile
                .Read(Keys, [Module("conv1", [4, 1, 3]), Module("conv2", [4, 4, 3])], file)
                .Differences
        );
    }

    private static IEnumerable<(string, string)> Pairs(ModuleMatch match) =>
        match.Pairs.Select(pair => (pair.Own.Name, pair.Theirs.Name));

    private static WeightModule Module(string name, long[] shape) =>
        new(name, new Dictionary<string, long[]> { ["weight"] = shape });

    private static (string Name, long[] Shape)[] Layers(string lines) =>
        [
            .. lines
                .Split('\n')
                .Select(line => line.Split(' '))
                .Select(words => (words[0], words[1..].Select(long.Parse).ToArray())),
        ];

    // Weights of zeros, except where a layer is to differ.
    private void Write(IEnumerable<(string Name, long[] Shape)> layers, string? differing = null) =>
        new SafetensorsFile(
            layers.ToDictionary(
                layer => layer.Name + ".weight",
                layer =>
                {
                    var data = new byte[sizeof(float) * layer.Shape.Aggregate((a, b) => a * b)];
                    data[0] = layer.Name == differing ? (byte)1 : (byte)0;
                    return new StoredTensor(TensorType.F32, layer.Shape, data);
                }
            ),
            new Dictionary<string, string>()
        ).Write(At);
}
