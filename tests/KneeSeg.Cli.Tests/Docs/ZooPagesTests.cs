using KneeSeg.Dsl;
using KneeSeg.ZooPages;

namespace KneeSeg.Cli.Tests.Docs;

/// <summary>The zoo's pages are what its specs say today. That its answers are its references' is for ProbeTests.</summary>
public sealed class ZooPagesTests
{
    private const string Remedy =
        "regenerate the pages: dotnet run -c Release --project tools/KneeSeg.ZooPages -- docs";

    private static readonly Pages.Page[] Generated = Pages.all();

    [Fact]
    public void The_pages_are_those_that_the_tool_generates()
    {
        foreach (var page in Generated)
        {
            var path = Path.Combine(Docs, page.Path);
            Assert.True(File.Exists(path), $"{page.Path} is missing; {Remedy}");
            Assert.True(File.ReadAllText(path) == page.Text, $"{page.Path} is old; {Remedy}");
        }
    }

    [Fact]
    public void No_page_is_of_a_network_that_is_gone()
    {
        var made = Generated.Select(page => page.Path).Order();
        var found = Directory
            .EnumerateFiles(Path.Combine(Docs, "zoo"))
            .Append(Path.Combine(Docs, "zoo.md"))
            .Select(path => Path.GetRelativePath(Docs, path))
            .Order();
        Assert.Equal(made, found);
    }

    [Fact]
    public void A_count_or_an_output_that_differs_stops_the_tool()
    {
        var count = Networks.ReferenceCounts.First(row => row.Spec == "tiny-vnet");
        var counts = References.differingCounts([
            new(count.Spec, 1, 1, count.Size, count.Parameters + 1, count.Macs),
        ]);
        Assert.Equal(
            "tiny-vnet, 1 channel to 1 class, at 64x64x64: 390 parameters, but its reference has 391",
            Assert.Single(counts)
        );
        var output = Networks.ReferenceOutputs.First(row => row.Spec == "tiny-vnet");
        double[] numbers = [.. output.Numbers];
        numbers[6] += 2e-4;
        var outputs = References.differingOutputs(
            new(output.Spec, output.Classes, output.Gain, output.Probabilities, numbers)
        );
        Assert.StartsWith("tiny-vnet: last is 0.51", Assert.Single(outputs));
        Assert.Contains(
            outputs[0],
            Assert.Throws<Exception>(() => References.insist(outputs)).Message
        );
    }

    private static string Docs => Repository.At("docs");
}
