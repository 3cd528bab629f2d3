using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Reports;
using KneeSeg.Runs;

namespace KneeSeg.Tests.Reports;

public sealed class RunReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("unet3d", new[] { 32, 64, 48 }, new[] { 32, 64, 48 })]
    [InlineData("unet", new[] { 1, 64, 48 }, new[] { 64, 48 })]
    public void A_run_folder_says_what_was_trained_on_what(string spec, int[] patch, int[] size)
    {
        var graph = Networks.Load(spec, 1, Samples.Labels.Length);
        var run = RunFolder.At(folder);
        File.WriteAllText(
            run.RunFile,
            Description(spec, graph, new(patch[0], patch[1], patch[2])).Write()
        );
        RunLog.Write(run.LogFile, [new EpochRecord(1, 20, 0.5, 1e-3, 4, null)]);

        var content = RunReport.Gather(run, null, []);

        Assert.Equal($"{spec} on knees", content.Title);
        Assert.Equal(size, content.Network.Size);
        Assert.Equal(Networks.Cost(graph, size).Parameters, content.Network.Parameters);
        Assert.StartsWith("Dataset knees: 2 training, 1 validation and 0 test cases", content.Data);
        Assert.Equal(0.5, Assert.Single(content.Epochs).Loss);
    }

    /// <summary>What a run of a network says of itself.</summary>
    internal static RunManifest Description(string spec, Graph graph, ModelSize patch) =>
        new(
            RunManifest.CurrentFormat,
            graph.Name,
            graph.Hash,
            Networks.Parse(spec),
            new Recipe(),
            patch,
            new Preprocessor(new(1, 1, 1)),
            "iwoai",
            Samples.Labels,
            "knees",
            "",
            new Dictionary<Split, IReadOnlyList<string>>
            {
                [Split.Train] = ["a", "b"],
                [Split.Validation] = ["c"],
            },
            RunManifest.ThisVersion
        );
}
