using System.Text.Json;
using KneeSeg.Data.Phantoms;

namespace KneeSeg.Cli.Tests;

/// <summary>Two data sets that label different structures, one of them by other names, the whole way.</summary>
public sealed class SourcesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void They_train_one_network_and_each_is_measured_by_what_it_labels()
    {
        PhantomSet.Write(
            At("a"),
            3,
            new(16, 32, 32),
            structures: ["femoral cartilage", "patellar cartilage"]
        );
        Kneeseg
            .Run(
                "phantom",
                At("b"),
                "--count",
                "3",
                "--size",
                "16x32x32",
                "--seed",
                "11",
                "--structures",
                "medial meniscus, femoral cartilage"
            )
            .IsDone();
        var renamed = File.ReadAllText(At("b/dataset.json")).Replace("femoral cartilage", "FC");
        File.WriteAllText(At("b/dataset.json"), renamed);
        File.WriteAllText(
            At("dataset.json"),
            """
            { "format": 1, "sources": [
              { "data": "a", "name": "a" },
              { "data": "b", "name": "b", "rename": { "FC": "femoral cartilage" } } ] }
            """
        );

        var validated = Kneeseg.Run("validate", At("")).IsDone().Output;
        Assert.Contains("a does not label medial meniscus", validated);
        Assert.Contains("b does not label patellar cartilage", validated);
        Assert.Contains("FC (2, here 1)", validated);

        Kneeseg
            .Run(
                "train",
                "unet3d+tiny",
                "--data",
                At("dataset.json"),
                "--run",
                At("run"),
                "--patch",
                "16x32x32",
                "--epochs",
                "1",
                "--set",
                "stepsPerEpoch=2",
                "--set",
                "batchSize=1"
            )
            .IsDone();
        using var run = JsonDocument.Parse(File.ReadAllText(At("run/run.json")));
        Assert.Equal(
            ["background", "femoral cartilage", "patellar cartilage", "medial meniscus"],
            run.RootElement.GetProperty("labels").EnumerateArray().Select(name => name.GetString())
        );
        Assert.Equal(
            "[[0,3],[1],[2]] [[0,2],[3],[1]]",
            string.Join(
                ' ',
                run.RootElement.GetProperty("sources")
                    .EnumerateArray()
                    .Select(source => JsonSerializer.Serialize(source.GetProperty("classes")))
            )
        );

        Kneeseg.Run("predict", At("run"), At("dataset.json"), "--out", At("out")).IsDone();
        var answer = Kneeseg.Run("evaluate", At("out"), At("dataset.json"), "--json").IsDone();
        using var measured = JsonDocument.Parse(answer.Output);
        Assert.Equal(
            [0, 1, 1],
            measured
                .RootElement.GetProperty("labels")
                .EnumerateArray()
                .Select(label =>
                    label.TryGetProperty("unlabeled", out var cases) ? cases.GetInt32() : 0
                )
        );
    }

    private string At(string name) => Path.Combine(folder, name);
}
