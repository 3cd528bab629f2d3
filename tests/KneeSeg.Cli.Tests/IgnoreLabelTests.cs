using System.Text.Json;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;

namespace KneeSeg.Cli.Tests;

/// <summary>Sparse labels as nnU-Net has them, every fourth slice annotated, the whole way.</summary>
public sealed class IgnoreLabelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;

    public IgnoreLabelTests()
    {
        var knees = PhantomSet.Write(At("knees"), 5, new(16, 32, 32));
        foreach (var one in knees.Cases)
        {
            var set = one.Split == Split.Test ? "Ts" : "Tr";
            Directory.CreateDirectory(At($"nn/images{set}"));
            Directory.CreateDirectory(At($"nn/labels{set}"));
            File.Copy(one.Image, At($"nn/images{set}/{one.Id}_0000.nii.gz"));
            var labels = one.ReadLabels(knees.Profile);
            var side = labels.Grid.Size.X;
            for (var i = 0; i < labels.Voxels.Length; i++)
                if (i / side % 4 != 0)
                    labels.Voxels[i] = 7;
            VolumeFile.Write(At($"nn/labels{set}/{one.Id}.nii.gz"), labels);
        }
        var names = knees.Profile.Labels.Append("ignore").Index();
        File.WriteAllText(
            At("nn/dataset.json"),
            JsonSerializer.Serialize(
                new
                {
                    channel_names = new Dictionary<string, string> { ["0"] = "MR" },
                    labels = names.ToDictionary(name => name.Item, name => name.Index),
                    numTraining = 4,
                    file_ending = ".nii.gz",
                }
            )
        );
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("false", 6)]
    [InlineData("true", 1)]
    public void What_nobody_annotated_is_neither_learned_nor_measured(string binary, int structures)
    {
        Assert.Contains("ignored (75.0 %)", Kneeseg.Run("validate", At("nn")).IsDone().Output);
        Kneeseg
            .Run([
                "train",
                "unet3d+tiny",
                "--data",
                At("nn"),
                "--run",
                At("run"),
                "--patch",
                "16x32x32",
                "--epochs",
                "1",
                .. new[]
                {
                    "stepsPerEpoch=2",
                    "batchSize=1",
                    "validateEvery=1",
                    $"binary={binary}",
                }.SelectMany(field => new[] { "--set", field }),
            ])
            .IsDone();
        using var run = JsonDocument.Parse(File.ReadAllText(At("run/run.json")));
        Assert.Equal(7, run.RootElement.GetProperty("ignoreValue").GetInt32());
        Assert.Equal(structures + 1, run.RootElement.GetProperty("labels").GetArrayLength());

        Kneeseg.Run("predict", At("run"), At("nn"), "--out", At("out")).IsDone();
        var found = VolumeFile.ReadLabels(Directory.GetFiles(At("out"), "*.nii.gz").Single());
        Assert.InRange(found.Voxels.Max(), 0, structures);

        // The same against the dataset's folder of labels and against the dataset, which knows the images for a report.
        foreach (var references in new[] { "nn/labelsTs", "nn" })
        {
            var answer = Kneeseg.Run(
                "evaluate",
                At("out"),
                At(references),
                "--json",
                "--out",
                At("run")
            );
            using var measured = JsonDocument.Parse(answer.IsDone().Output);
            var ignored = measured
                .RootElement.GetProperty("cases")[0]
                .GetProperty("ignored")
                .GetInt64();
            Assert.Equal(found.Voxels.Length * 3 / 4, ignored);
            var counted = measured
                .RootElement.GetProperty("confusion")
                .EnumerateArray()
                .SelectMany(row => row.EnumerateArray())
                .Sum(count => count.GetInt64());
            Assert.Equal(found.Voxels.Length - ignored, counted);
        }
        if (structures == 1)
            return;
        Kneeseg.Run("report", At("run")).IsDone();
        Kneeseg.Run("tune-postprocessing", At("run"), "--data", At("nn")).IsDone();
    }

    private string At(string name) => Path.Combine(folder, name);
}
