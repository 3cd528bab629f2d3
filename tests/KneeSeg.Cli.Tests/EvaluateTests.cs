using System.Text.Json;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Phantoms;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference.Files;

namespace KneeSeg.Cli.Tests;

/// <summary>What <c>evaluate</c> says of predictions that are copies of the references, and of spoilt ones.</summary>
public sealed class EvaluateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kneeseg-").FullName;
    private readonly Dataset knees;

    public EvaluateTests() => knees = PhantomSet.Write(At("knees"), 3, new(16, 32, 32));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Labels_beside_their_manifest_have_its_ignore_value()
    {
        var labels = knees.Cases[0].ReadLabels(knees.Profile);
        labels.Voxels.AsSpan(0, 100).Fill(255);
        Directory.CreateDirectory(At("flat"));
        File.Copy(knees.Cases[0].Image, At("flat/image.nii.gz"));
        VolumeFile.Write(At("flat/labels.nii.gz"), labels);
        File.WriteAllText(
            At("flat/dataset.json"),
            """
            { "format": 1, "profile": "iwoai", "ignore": 255, "cases": [
              { "id": "a", "split": "test", "image": "image.nii.gz", "labels": "labels.nii.gz" } ] }
            """
        );
        using var measured = Evaluated(
            Kneeseg.Run("evaluate", knees.Cases[0].Labels!, At("flat/labels.nii.gz"), "--json")
        );
        var one = measured.RootElement.GetProperty("cases")[0];
        Assert.Equal(100, one.GetProperty("ignored").GetInt64());
    }

    [Fact]
    public void A_structure_found_elsewhere_is_reported_first_in_every_command()
    {
        // The patellar cartilage, moved to a corner that has nothing.
        Predict(LabelSchema.Known[0], label => label == 4 ? (byte)0 : label);
        foreach (var path in Directory.GetFiles(At("labels"), "*.nii.gz"))
        {
            var labels = VolumeFile.ReadLabels(path);
            labels.Voxels[0] = 4;
            VolumeFile.Write(path, labels);
        }
        Kneeseg
            .Run(
                "train",
                "unet3d+tiny",
                "--data",
                At("knees"),
                "--run",
                At("run"),
                "--patch",
                "16x32x32",
                "--epochs",
                "1",
                "--set",
                "stepsPerEpoch=1",
                "--set",
                "batchSize=1"
            )
            .IsDone();
        var said = Kneeseg
            .Run("evaluate", At("labels"), At("knees"), "--out", At("run"))
            .IsDone()
            .Output;
        Assert.StartsWith("0 of 18 structures missed, 3 misplaced", said);
        var runs = Kneeseg.Run("list", At("run"), "--json").IsDone().Output;
        Assert.Contains("\"misplaced\": 3", runs);
        var compared = Kneeseg.Run("compare", At("run"), At("run")).IsDone().Output;
        Assert.Matches("second +18 +0 +3 +0", compared);
        Kneeseg.Run("report", At("run")).IsDone();
        Assert.DoesNotContain("Every structure", File.ReadAllText(At("run/report.html")));

        // A case that can't be measured keeps the others from neither.
        var cut = Grid.Centered(new(8, 8, 8), new(2, 2, 2), "RAS");
        VolumeFile.Write(
            At($"labels/{knees.Cases[0].Id}.nii.gz"),
            new Volume<byte>(cut, new byte[512])
        );
        Kneeseg
            .Run("evaluate", At("labels"), At("knees"), "--out", At("run"))
            .IsProblem(ExitCode.Data, "not on the same grid", knees.Cases[0].Id);
        Kneeseg.Run("report", At("run")).IsDone();
        Assert.Contains("1 case could not be evaluated", File.ReadAllText(At("run/report.html")));
    }

    private string At(string name) => Path.Combine(folder, name);

    private void Predict(LabelSchema profile, Func<byte, byte> found)
    {
        PredictionFolder.Open(At("labels"), profile);
        foreach (var one in knees.Cases)
        {
            var labels = one.ReadLabels(knees.Profile);
            VolumeFile.Write(
                Path.Combine(At("labels"), $"{one.Id}.nii.gz"),
                labels with
                {
                    Voxels = [.. labels.Voxels.Select(found)],
                }
            );
        }
    }

    private static JsonDocument Evaluated(Answer answer) =>
        JsonDocument.Parse(answer.IsDone().Output);
}
