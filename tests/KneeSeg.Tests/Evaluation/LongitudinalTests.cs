using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KneeSeg.Evaluation.Longitudinal;

namespace KneeSeg.Tests.Evaluation;

/// <summary>Change over time. The numbers of the first tests were computed by hand and with scipy.</summary>
public sealed class LongitudinalTests : IDisposable
{
    private const double Tolerance = 1e-6;

    private static readonly double[] First =
    [
        1.912,
        1.653,
        1.784,
        2.105,
        1.447,
        1.988,
        1.576,
        1.829,
    ];
    private static readonly double[] Repeated =
    [
        1.897,
        1.681,
        1.772,
        2.121,
        1.424,
        1.979,
        1.602,
        1.836,
    ];
    private static readonly double[] Later =
    [
        1.861,
        1.642,
        1.689,
        2.097,
        1.268,
        1.971,
        1.541,
        1.842,
    ];
    private static readonly double[] LaterRepeated =
    [
        1.849,
        1.629,
        1.711,
        2.083,
        1.291,
        1.960,
        1.529,
        1.821,
    ];
    private static readonly double[] Years = [1.02, 0.98, 1.05, 1.00, 1.96, 1.01, 0.97, 2.03];

    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Theory]
    [InlineData("rmsSd", .013096)]
    [InlineData("rmsSdCi", .008846, .025089)]
    [InlineData("rmsCvPercent", .793203)]
    [InlineData("rmsSdOverMeanPercent", .732479)]
    [InlineData("rmsSdAllVisits", .012465)]
    [InlineData("rmsSdAllVisitsDf", 16.0)]
    [InlineData("sdDifference", .019652)]
    [InlineData("sem", .013896)]
    [InlineData("sdc95", .038519)]
    [InlineData("lsc95", .036299)]
    [InlineData("baBias", -.002250)]
    [InlineData("baBiasCi", -.018680, .014180)]
    [InlineData("baLimits", -.040769, .036269)]
    [InlineData("baLowerCi", -.070137, -.011400)]
    [InlineData("baUpperCi", .006900, .065637)]
    [InlineData("msr", .096570)]
    [InlineData("msc", .000020)]
    [InlineData("mse", .000193)]
    [InlineData("icc21", .996454)]
    [InlineData("icc21Ci", .982772, .999286)]
    [InlineData("icc31", .996009)]
    [InlineData("icc31Ci", .980221, .999200)]
    [InlineData("meanChange", -.047875)]
    [InlineData("meanChangeCi", -.099988, .004238)]
    [InlineData("sdChange", .062334)]
    [InlineData("srm", -.768037)]
    [InlineData("srmCi", -1.535721, -.449982)]
    [InlineData("srmCiT", -1.545385, .049386)]
    [InlineData("srmJackknifeSe", .207601)]
    [InlineData("pairedT", -2.172338)]
    [InlineData("pairedP", .066388)]
    [InlineData("wilcoxonW", 3.0)]
    [InlineData("wilcoxonP", .039062)]
    [InlineData("meanPercentChange", -2.971697)]
    [InlineData("meanAnnualChange", -.037192)]
    [InlineData("meanAnnualPercent", -2.230394)]
    [InlineData("annualPercentOfMeans", -2.081555)]
    [InlineData("compoundAnnualPercent", -2.256770)]
    [InlineData("srmAnnual", -.995189)]
    [InlineData("lossBySdc", 3.0)]
    [InlineData("stableBySdc", 5.0)]
    [InlineData("gainBySdc", 0.0)]
    public void Eight_knees_with_repeats_give_the_published_formulas(
        string field,
        params double[] expected
    )
    {
        var found = Region(Worked())[field]!;
        double[] values = found is JsonArray pair
            ? [.. pair.Select(end => (double)end!)]
            : [(double)found];
        Assert.Equal(expected.Length, values.Length);
        foreach (var (value, wanted) in values.Zip(expected))
            Assert.Equal(wanted, value, Tolerance);
    }

    private static IEnumerable<Measurement> Worked(string region = "cMF")
    {
        for (var i = 0; i < First.Length; i++)
        {
            Measurement At(int visit, int scan, double value) =>
                new($"s{i + 1}", "right", region, visit, scan, visit * Years[i], value);
            yield return At(0, 1, First[i]);
            yield return At(0, 2, Repeated[i]);
            yield return At(1, 1, Later[i]);
            yield return At(1, 2, LaterRepeated[i]);
        }
    }

    private static JsonObject Region(IEnumerable<Measurement> measurements) =>
        Report(measurements)["regions"]![0]!.AsObject();

    private static JsonObject Report(IEnumerable<Measurement> measurements) =>
        JsonNode.Parse(LongitudinalReport.Of([.. measurements]).ToJson())!.AsObject();
}
