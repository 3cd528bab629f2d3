using System.Text.Json;
using KneeSeg.Cli.Tests.Docs;
using KneeSeg.Imaging.Files;

namespace KneeSeg.Cli.Tests;

/// <summary>Several processes, and several images of one name, on one folder of predictions.</summary>
public sealed class PredictingTests(Workshop workshop) : IClassFixture<Workshop>
{
    [Fact]
    public void Processes_that_predict_into_one_folder_lose_nothing_and_a_kill_loses_little()
    {
        var labels = workshop.At("together");
        string[] images = [.. Enumerable.Range(1, 5).Select(Image)];
        // One is killed anywhere; two share the last image.
        using (
            var killed = Kneeseg.Start(["predict", workshop.Trained, .. images, "--out", labels])
        )
        {
            killed.StandardError.ReadLine();
            killed.Kill();
            killed.WaitForExit();
        }
        var answers = new Answer[2];
        Parallel.For(
            0,
            2,
            i =>
                answers[i] = Kneeseg.Run([
                    "predict",
                    workshop.Trained,
                    .. images[(2 * i)..(2 * i + 3)],
                    "--out",
                    labels,
                ])
        );
        Assert.All(answers, answer => answer.IsDone());
        using var index = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(labels, "predictions.json"))
        );
        Assert.Equal(
            Enumerable.Range(1, 5).Select(i => $"knee-000{i}"),
            index.RootElement.GetProperty("cases").EnumerateObject().Select(one => one.Name)
        );
        Assert.Contains(
            "0 predicted, 5 skipped",
            Kneeseg.Run(["predict", workshop.Trained, .. images, "--out", labels]).IsDone().Output
        );
        Kneeseg
            .Run(["predict", workshop.Trained, images[2], "--out", workshop.At("alone")])
            .IsDone();
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(workshop.At("alone"), "knee-0003.nii.gz")),
            File.ReadAllBytes(Path.Combine(labels, "knee-0003.nii.gz"))
        );
    }

    [Fact]
    public void The_multi_task_example_is_trained_and_its_outputs_predicted()
    {
        var run = workshop.At("multi-task");
        var labels = workshop.At("multi-task-labels");
        string[] training =
        [
            .. workshop.Training(run, Repository.At("examples/multi-task.fsx") + "+tiny"),
            "--epochs",
            "1",
            "--set",
            "outputs=edge=l1*0.2, present=0.05",
        ];
        Assert.Matches(
            @"loss \d+\.\d+ \(segmentation \S+, present \S+, coarse \S+, edge \S+\)",
            Kneeseg.Run(training).IsDone().Error
        );
        Kneeseg
            .Run([
                "predict",
                run,
                Image(1),
                "--out",
                labels,
                "--output",
                "edge",
                "--output",
                "present",
            ])
            .IsDone();
        Assert.Equal(
            ["knee-0001-edge.nii.gz", "knee-0001-present.csv"],
            Directory
                .EnumerateFiles(Path.Combine(labels, "outputs"))
                .Select(Path.GetFileName)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Maps_of_a_dataset_are_measured_in_predictions_and_references()
    {
        var knees = workshop.CopyOfKnees("mapped");
        var manifest = Path.Combine(knees, "dataset.json");
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest)
                .Replace(
                    "\"split\": \"test\"",
                    "\"maps\": { \"t2\": \"images/knee-0005.nii.gz\" }, \"split\": \"test\""
                )
        );
        var labels = workshop.At("mapped-labels");
        Kneeseg.Run(["predict", workshop.Trained, knees, "--out", labels]).IsDone();
        using var evaluation = JsonDocument.Parse(
            Kneeseg.Run("evaluate", labels, knees, "--json").IsDone().Output
        );

        // By hand, in the first structure of the reference.
        var image = VolumeFile.ReadImage(Path.Combine(knees, "images", "knee-0005.nii.gz"));
        var reference = VolumeFile.ReadLabels(Path.Combine(knees, "labels", "knee-0005.nii.gz"));
        var inside = image
            .Voxels.Zip(reference.Voxels)
            .Where(pair => pair.Second == 1 && pair.First != 0)
            .Average(pair => (double)pair.First);
        var measured = evaluation.RootElement.GetProperty("maps").GetProperty("measurements");
        Assert.Equal(
            ["reference", "prediction"],
            measured.EnumerateArray().Select(one => one.GetProperty("labels").GetString())
        );
        Assert.Equal(
            inside,
            measured[0]
                .GetProperty("structures")[0]
                .GetProperty("statistics")
                .GetProperty("mean")
                .GetDouble(),
            1e-6
        );
        Assert.StartsWith(
            "knee-0005,t2,prediction,1,femoral cartilage,whole,",
            File.ReadLines(Path.Combine(labels, "maps.csv")).ElementAt(1)
        );
    }

    [Fact]
    public void Two_images_of_one_name_are_refused_in_one_call_and_in_two()
    {
        string[] scans = [workshop.At("p1/scan.nii.gz"), workshop.At("p2/scan_0000.nii.gz")];
        for (var i = 0; i < 2; i++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(scans[i])!);
            File.Copy(Image(i + 1), scans[i], overwrite: true);
        }
        var labels = workshop.At("named");
        string[] command = ["predict", workshop.Trained, "--out", labels];
        Kneeseg.Run([.. command, .. scans]).IsProblem(ExitCode.Usage, scans);
        Assert.False(Directory.Exists(labels));

        Kneeseg.Run([.. command, scans[0]]).IsDone();
        Kneeseg.Run([.. command, scans[1]]).IsProblem(ExitCode.Usage, scans);
    }

    [Fact]
    public void Predictions_of_nnunet_s_imagesTs_are_measured_against_its_labelsTs()
    {
        var (images, truth, labels) = (
            workshop.At("imagesTs"),
            workshop.At("labelsTs"),
            workshop.At("predictedTs")
        );
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(truth);
        File.Copy(Image(1), Path.Combine(images, "1.2.840_0000.nii.gz"));
        File.Copy(
            Path.Combine(workshop.Knees, "labels", "knee-0001.nii.gz"),
            Path.Combine(truth, "1.2.840.nii.gz")
        );
        Kneeseg
            .Run("predict", workshop.Trained, images, "--out", labels, "--format", "metaimage")
            .IsDone();
        using var measured = JsonDocument.Parse(
            Kneeseg.Run("evaluate", labels, truth, "--json").IsDone().Output
        );
        Assert.Equal(
            "1.2.840",
            Assert
                .Single(measured.RootElement.GetProperty("cases").EnumerateArray())
                .GetProperty("id")
                .GetString()
        );
        using var info = JsonDocument.Parse(
            Kneeseg
                .Run("info", Path.Combine(images, "1.2.840_0000.nii.gz"), "--json")
                .IsDone()
                .Output
        );
        Assert.Equal("1.2.840", info.RootElement[0].GetProperty("id").GetString());
    }

    [Fact]
    public void An_image_unlike_those_of_the_training_is_predicted_with_a_warning()
    {
        var image = Imaging.Files.VolumeFile.ReadImage(Image(1));
        var inverted = workshop.At("inverted.nii");
        Imaging.Files.VolumeFile.Write(
            inverted,
            image with
            {
                Voxels = Array.ConvertAll(image.Voxels, value => 2000 - value),
            }
        );
        var said = Kneeseg
            .Run("predict", workshop.Trained, inverted, Image(5), "--out", workshop.At("odd"))
            .IsDone()
            .Error;
        Assert.Contains("inverted: its intensities are unlike those of the training images", said);
        Assert.DoesNotContain("knee-0005: its intensities", said);
    }

    private string Image(int knee) =>
        Path.Combine(workshop.Knees, "images", $"knee-000{knee}.nii.gz");
}
