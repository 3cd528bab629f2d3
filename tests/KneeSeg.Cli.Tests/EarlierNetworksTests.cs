using System.Text.Json;

namespace KneeSeg.Cli.Tests;

/// <summary>The example's networks against counts and float64 outputs of another implementation, at 64×64.</summary>
public sealed class EarlierNetworksTests
{
    private sealed record Reference(long Parameters, long Macs, double[] Numbers);

    private static readonly string[] Fields = ["mean", "std", "min", "max", "first", "mid", "last"];

    private static readonly Dictionary<string, Reference> Known = new()
    {
        ["earlier-unet"] = new(
            31_044_679,
            3_409_969_152,
            [
                0.357630311,
                0.277269603,
                0.0358299715,
                0.966893738,
                0.0777691796,
                0.144991799,
                0.0582377221,
            ]
        ),
        ["earlier-attention-unet"] = new(
            32_445_959,
            3_678_404_608,
            [
                0.300289563,
                0.304624332,
                0.0344122654,
                0.923874147,
                0.0625498625,
                0.0564743202,
                0.0574538645,
            ]
        ),
        ["earlier-r2-unet"] = new(
            35_610_055,
            8_860_467_200,
            [
                0.106025408,
                0.113144847,
                -0.032637637,
                0.309535095,
                0.044200896,
                -0.0286682514,
                0.0360674574,
            ]
        ),
        ["earlier-r2-attention-unet"] = new(
            37_011_335,
            9_128_902_656,
            [
                0.108075622,
                0.144235681,
                -0.0660505446,
                0.361293881,
                0.0384063487,
                -0.0624310718,
                0.0349655141,
            ]
        ),
        ["earlier-unet-plus-plus"] = new(
            36_628_871,
            8_610_906_112,
            [
                0.370371987,
                0.270544314,
                0.0362982424,
                0.967936134,
                0.0688570798,
                0.156226359,
                0.0657301945,
            ]
        ),
        ["earlier-segnet"] = new(
            49_330_951,
            2_654_994_432,
            [
                0.138785156,
                0.060973235,
                0.0314379742,
                0.354221754,
                0.352197501,
                0.148355545,
                0.0349290432,
            ]
        ),
        ["earlier-tiramisu"] = new(
            9_367_399,
            1_198_485_504,
            [
                0.659380577,
                0.699978233,
                -0.216717554,
                2.24566416,
                0.0674033155,
                -0.0653293826,
                0.169816933,
            ]
        ),
        ["earlier-deeplab-v3-plus"] = new(
            12_601_959,
            4_055_695_360,
            [
                0.283479739,
                0.204358151,
                0.0211072729,
                0.728772916,
                0.0458666876,
                0.10588912,
                0.0563318175,
            ]
        ),
    };

    /// <summary>Recurrent networks sum their own answers: at half the gain their gates stay off their flat ends.</summary>
    [Theory]
    [InlineData("1", false)]
    [InlineData("0.5", true)]
    public void They_keep_their_counts_and_answers(string gain, bool recurrent)
    {
        // Of the script's list, those that this gain is for.
        var those = recurrent ? "id" : "not";
        var choice = $"|> List.filter (fun network -> {those} (network.Name.Contains \"-r2-\"))";
        var spec = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.fsx");
        File.WriteAllText(spec, File.ReadAllText(Example) + choice);
        var answer = Kneeseg.Run("verify", spec, "--classes", "7", "--gain", gain, "--json");
        File.Delete(spec);
        using var json = JsonDocument.Parse(answer.IsDone().Output);
        var found = json.RootElement.EnumerateArray().ToDictionary(NameOf);
        Assert.Equal(
            Known.Keys.Where(name => name.Contains("-r2-") == recurrent).Order(),
            found.Keys.Order()
        );
        foreach (var (name, network) in found)
            IsAsKnown(Known[name], network);
    }

    private static string Example =>
        Path.Combine(AppContext.BaseDirectory, "../../../../../examples/earlier-2d.fsx");

    private static string NameOf(JsonElement network) => network.GetProperty("name").GetString()!;

    private static void IsAsKnown(Reference known, JsonElement network)
    {
        Assert.Equal(known.Parameters, network.GetProperty("parameters").GetInt64());
        Assert.Equal(known.Macs, network.GetProperty("macs").GetInt64());
        // Float32 is off by less than 1e-6; a swapped concatenation can move these numbers by as little as 2e-4.
        var deviation = known.Numbers[1];
        foreach (var (field, wanted) in Fields.Zip(known.Numbers))
            Assert.Equal(
                wanted,
                network.GetProperty(field).GetDouble(),
                1e-5 * Math.Max(Math.Abs(wanted), deviation)
            );
    }
}
