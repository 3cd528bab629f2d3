using KneeSeg.Dsl;
using KneeSeg.Imaging;
using KneeSeg.Runs;
using KneeSeg.Torch.Native;
using KneeSeg.Training.Losses;
using static TorchSharp.torch;

namespace KneeSeg.Torch.Tests;

/// <summary>One loss of several outputs.</summary>
public sealed class NetworkLossTests
{
    private const string Several = """
        {"format":2,"name":"several","variants":[],"spatialDims":2,"body":[
          {"output":{"name":"distance","target":"signedDistance","head":CONV1}},
          {"output":{"name":"there","target":"presence","head":[{"reduce":{"reduction":"average","axes":"global"}},CONV1]}},
          {"output":{"name":"early","target":"labels","head":CONV3}},
          CONV3]}
        """;

    private readonly Tensor labels;

    public NetworkLossTests()
    {
        NativeStart.Initialize();
        labels = arange(16, dtype: int64).reshape([1, 4, 4]);
    }

    /// <summary>A loss that says what it was given: the output's first number, and the sum of the labels.</summary>
    private static Tensor Echo(Tensor output, Tensor labels, LabelGroups? groups) =>
        output.flatten()[0] + labels.sum().to(float32);

    [Fact]
    public void One_output_has_its_own_loss() => Assert.Equal(3 + 120, Total([Map(3, 4)]));

    [Fact]
    public void Outputs_of_one_size_have_equal_weights() =>
        Assert.Equal((3 + 5 + 2 * 120) / 2f, Total([Map(3, 4), Map(5, 4)], Deep(null)));

    [Fact]
    public void An_output_twice_as_coarse_has_half_the_weight_and_every_second_label() =>
        Assert.Equal(
            (3 + 120 + 0.5f * (5 + 0 + 2 + 8 + 10)) / 1.5f,
            Total([Map(3, 4), Map(5, 2)], Deep(null)),
            1e-4f
        );

    [Fact]
    public void A_given_weight_takes_its_place() =>
        Assert.Equal(
            (3 + 120 + 2 * (5 + 0 + 2 + 8 + 10)) / 3f,
            Total([Map(3, 4), Map(5, 2)], Deep(2)),
            1e-4f
        );

    [Fact]
    public void Losses_against_other_targets_are_added_with_their_weights()
    {
        NamedLoss distance = new("d", OutputTarget.SignedDistance, Echo, null);
        var (total, each) = new NetworkLoss(
            Echo,
            Deep(null),
            distance with
            {
                Weight = 3,
            },
            distance
        ).Of([Map(3, 4), Map(5, 4), Map(7, 2), Map(1, 1)], labels);
        Assert.Equal(
            (3 + 5 + 240) / 2f + 3 * (7 + 120) + .1f * (1 + 120),
            total.item<float>(),
            1e-3f
        );
        Assert.Equal([123f, 125, 127, 121], each.Select(one => one.item<float>()));
    }

    [Fact]
    public void Every_output_receives_a_gradient()
    {
        var (fine, coarse) = (Map(3, 4).requires_grad_(), Map(5, 2).requires_grad_());
        var loss = Loss.Of(LossKind.DiceCe);
        new NetworkLoss(loss, Deep(null) with { Loss = loss })
            .Of([fine, coarse], labels % 1)
            .Total.backward();
        Assert.NotEqual(0, fine.grad!.abs().sum().item<float>());
        Assert.NotEqual(0, coarse.grad!.abs().sum().item<float>());
    }

    [Fact]
    public void A_recipe_s_losses_reach_their_outputs()
    {
        var graph = Load(Several);
        var recipe = RecipeText.Set(new Recipe(), "outputs=distance=l1*2, there=0.5, early=ce");
        var loss = NetworkLoss.Of(graph, recipe, new(1, 1, 2));
        Assert.Equal(["segmentation", "distance", "there", "early"], loss.Names);

        var labels = zeros([1L, 1, 4], dtype: int64);
        labels[0, 0, 1] = 2;
        var logits = zeros([1L, 3, 1, 4]);
        var (total, each) = loss.Of(
            [logits, zeros([1L, 1, 1, 4]), zeros([1L, 1, 1, 1]), logits],
            labels
        );
        // The labeled voxel is 2 mm from the nearest background, and background 2, 2 and 4 mm from it.
        Assert.Equal(10 / 4f, each[1].item<float>(), 1e-5f);
        Assert.Equal(Math.Log(2), each[2].item<float>(), 1e-5f);
        Assert.Equal(Math.Log(3), each[3].item<float>(), 1e-5f);
        Assert.Equal(
            (each[0] + each[3]).item<float>() / 2 + 2 * 2.5 + .5 * Math.Log(2),
            total.item<float>(),
            1e-4f
        );
    }

    [Theory]
    [InlineData(
        "where=1",
        "several has no output 'where'",
        "Did you mean 'there'? Its outputs are distance, there, early"
    )]
    [InlineData(
        "early=l1",
        "the output 'early' is compared with the labels, which this loss is not for",
        "Use a loss such as dice-ce"
    )]
    [InlineData(
        "distance=ce",
        "the output 'distance' is compared with signed distances, which this loss is not for",
        "Use smooth-l1, l1 or mse"
    )]
    [InlineData(
        "there=dice",
        "the output 'there' is compared with the presence of labels, which this loss is not for",
        "Use ce"
    )]
    public void A_recipe_for_other_outputs_is_refused(string outputs, string what, string fix)
    {
        var recipe = RecipeText.Set(new Recipe(), $"outputs={outputs}");
        var problem = Assert.Throws<ProblemException>(() =>
            NetworkLoss.Check(Load(Several), recipe)
        );
        Assert.Equal((ExitCode.Usage, what, fix), (problem.Exit, problem.What, problem.Fix));
    }

    private static Graph Load(string json)
    {
        static string Conv(int channels) =>
            $$$"""{"conv":{"out":{"channels":{{{channels}}}},"kernel":1,"stride":1,"dilation":1,"padding":"symmetric","groups":"ungrouped","bias":true}}""";
        return Networks.Load(json.Replace("CONV1", Conv(1)).Replace("CONV3", Conv(3)), 1, 3);
    }

    private float Total(Tensor[] outputs, params NamedLoss[] named) =>
        new NetworkLoss(Echo, named).Of(outputs, labels).Total.item<float>();

    private static NamedLoss Deep(double? weight) =>
        new("deep 1", OutputTarget.Labels, Echo, weight);

    private static Tensor Map(float value, long side) => full([1L, 2, side, side], value);
}
