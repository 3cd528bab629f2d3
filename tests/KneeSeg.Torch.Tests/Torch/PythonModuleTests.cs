using KneeSeg.Dsl;
using KneeSeg.Torch.PyTorch;

namespace KneeSeg.Torch.Tests.Torch;

/// <summary>Modules of PyTorch that networks are written as; bench/pytorch.sh compares the logits of the whole zoo.</summary>
public sealed class PythonModuleTests
{
    private static string Text(string spec) =>
        PythonModule.Write(Networks.Load(spec, 1, 5), "A network.", "a.safetensors");

    [Fact]
    public void Stages_are_attributes_and_each_operation_is_a_line()
    {
        var lines = Text("unet3d+tiny").Split('\n').Select(line => line.Trim()).ToArray();
        Assert.Contains("self.level1.encode = nn.Module()", lines);
        Assert.Contains("self.level1.encode.conv1 = nn.Conv3d(1, 8, 3, padding=1)", lines);
        Assert.Contains(
            "self.level3.up.deconv1 = nn.ConvTranspose3d(128, 128, 2, stride=2)",
            lines
        );
        string[] up =
        [
            "# level 1/up",
            "x2 = self.level1.up.deconv1(x2)",
            "# level 1",
            "x = torch.cat([x, x2], 1)",
            "# level 1/decode",
            "x = self.level1.decode.conv1(x)",
        ];
        Assert.Contains(string.Join('\n', up), string.Join('\n', lines));
        Assert.Contains("def load(path=\"a.safetensors\"):", lines);
    }

    [Fact]
    public void A_module_loads_the_weights_that_it_uses_and_no_others()
    {
        using var network = new TorchNetwork(Networks.Load("dynunet+tiny+deep-supervision", 1, 5));
        var weights = PythonModule.Weights(network);
        Assert.DoesNotContain(weights.Keys, name => name.Contains("head"));
        Assert.True(weights.Count < network.state_dict().Count);
        foreach (var name in weights.Keys)
            Assert.Contains(
                $"self.{name[..name.LastIndexOf('.')]} = ",
                Text("dynunet+tiny+deep-supervision")
            );
    }

    [Fact]
    public void Operations_that_PyTorch_lacks_are_written_out_where_they_are_used()
    {
        Assert.DoesNotContain("class WindowAttention", Text("unet3d+tiny"));
        Assert.Contains("class WindowAttention", Text("swin-unetr"));
        Assert.Contains("places", Text("segnet+tiny"));
    }

    [Fact]
    public void Names_that_Python_or_PyTorch_have_taken_get_an_underscore()
    {
        Assert.Equal("level1.half_.conv1", PythonText.Attributes("level1.half.conv1"));
        Assert.Equal("_1x1.a_b.class_", PythonText.Attributes("1x1.a-b.class"));
    }

    // Every operation of the zoo has words in Python.
    [Fact]
    public void Every_network_of_the_zoo_can_be_written() =>
        Assert.All(Networks.All, network => Assert.Contains("return x", Text(network.Name)));
}
