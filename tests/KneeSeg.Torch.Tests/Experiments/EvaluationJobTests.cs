using KneeSeg.Data.Datasets;
using KneeSeg.Evaluation;
using KneeSeg.Experiments;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference.Files;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>Predictions against references that are files, folders or a dataset.</summary>
public sealed class EvaluationJobTests(ExperimentFolder folder) : IClassFixture<ExperimentFolder>
{
    private EvaluationSummary Evaluate(string predictions, string references, string? output) =>
        EvaluationJob.Run(
            predictions,
            references,
            output is null ? null : folder.At(output),
            SilentProgress.Instance
        );

    private static string[] Ids(EvaluationSummary summary) =>
        [.. summary.Cases.Select(one => one.Id)];

    [Fact]
    public void Of_a_dataset_the_test_cases_and_all_others_with_a_prediction_are_evaluated()
    {
        var predictions = folder.Predictions("some", "knee-0002", "knee-0005");
        var summary = Evaluate(predictions, folder.At("knees"), "evaluated");
        Assert.Equal(["knee-0002", "knee-0005"], Ids(summary));
        Assert.Equal(1, summary.MeanDice);
        Assert.Equal(
            folder.Dataset.Profile.Labels.Skip(1),
            summary.Labels.Select(label => label.Name)
        );
        Assert.Equal(
            summary.ToJson(),
            EvaluationSummary.Load(folder.At("evaluated/evaluation.json")).ToJson()
        );
        Assert.StartsWith(
            "knee-0002,",
            File.ReadLines(folder.At("evaluated/cases.csv")).ElementAt(1)
        );
        Assert.True(File.Exists(folder.At("evaluated/structures.csv")));
    }

    [Fact]
    public void A_report_finds_the_files_of_each_evaluated_case()
    {
        Evaluate(folder.Predictions("shown", "knee-0005"), folder.At("knees"), "pictured");
        var shown = Assert.Single(EvaluatedCase.Load(folder.At("pictured")));
        Assert.Equal(folder.Labels("knee-0005"), Path.GetFullPath(shown.Reference));
        var volumes = shown.Picture()!.Load();
        Assert.Equal(volumes.Reference.Voxels, volumes.Prediction.Voxels);
        Assert.Equal(volumes.Image.Grid.Size, volumes.Reference.Grid.Size);
    }

    [Fact]
    public void A_missing_prediction_is_reported_and_the_others_are_evaluated()
    {
        var summary = Evaluate(folder.Predictions("one", "knee-0001"), folder.At("knees"), null);
        Assert.Equal(["knee-0001"], Ids(summary));
        var failed = Assert.Single(summary.Failed);
        Assert.Equal(("knee-0005", folder.At("one/knee-0005.nii.gz")), (failed.Id, failed.Where));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_reported_and_the_others_are_evaluated()
    {
        var predictions = folder.Predictions("torn", "knee-0001", "knee-0005");
        File.WriteAllText(Path.Combine(predictions, "knee-0001.nii.gz"), "no volume");
        var summary = Evaluate(predictions, folder.At("knees"), null);
        Assert.Equal(["knee-0005"], Ids(summary));
        Assert.Equal("knee-0001", Assert.Single(summary.Failed).Id);
    }

    [Fact]
    public void Without_a_case_that_can_be_evaluated_there_is_no_result()
    {
        var predictions = folder.Predictions("bad", "knee-0005");
        File.WriteAllText(Path.Combine(predictions, "knee-0005.nii.gz"), "no volume");
        var problem = Assert.Throws<ProblemException>(() =>
            Evaluate(predictions, folder.At("knees"), "nothing")
        );
        Assert.Equal(ExitCode.Data, problem.Exit);
        Assert.False(Directory.Exists(folder.At("nothing")));
    }

    [Fact]
    public void Files_and_folders_of_a_dataset_have_its_labels()
    {
        var predictions = folder.Predictions(
            "all",
            [.. folder.Dataset.Cases.Select(one => one.Id)]
        );
        string[] labels = [.. folder.Dataset.Profile.Labels.Skip(1)];
        var folders = Evaluate(predictions, folder.At("knees/labels"), null);
        Assert.Equal(5, folders.Cases.Count);
        Assert.Equal(labels, folders.Labels.Select(label => label.Name));
        var files = Evaluate(
            Path.Combine(predictions, "knee-0001.nii.gz"),
            folder.Labels("knee-0001"),
            null
        );
        Assert.Equal(["knee-0001"], Ids(files));
        Assert.Equal(labels, files.Labels.Select(label => label.Name));
    }

    [Fact]
    public void Predictions_with_other_labels_are_matched_by_name()
    {
        // Patella is not labeled, and femoral cartilage can't be predicted.
        var predictions = folder.Predictions("named", "knee-0005");
        string[] own = ["air", "Lateral_Meniscus", "patella", "medial meniscus"];
        PredictionFolder.Open(predictions, new LabelSchema("own", own));
        var labels = VolumeFile.ReadLabels(folder.Labels("knee-0005"));
        VolumeFile.Write(
            Path.Combine(predictions, "knee-0005.nii.gz"),
            labels with
            {
                Voxels = Array.ConvertAll(
                    labels.Voxels,
                    label =>
                        (byte)(
                            label switch
                            {
                                5 => 1,
                                6 => 3,
                                0 => 2,
                                _ => 0,
                            }
                        )
                ),
            }
        );
        var summary = Evaluate(predictions, folder.At("knees"), null);
        Assert.Equal(
            [.. folder.Dataset.Profile.Labels.Skip(1), "patella"],
            summary.Labels.Select(label => label.Name)
        );
        Assert.Equal([0, 0, 0, 0, 1, 1, null], summary.Labels.Select(label => label.Dice.Mean));
        Assert.Equal([1, 1, 1, 1, 0, 0, 0], summary.Labels.Select(label => label.Missed));
        Assert.Equal((1, 0), (summary.Labels[6].Unlabeled, summary.Labels[5].Unlabeled));
    }

    [Fact]
    public void Predictions_of_other_structures_than_the_dataset_s_are_refused()
    {
        var predictions = folder.Predictions("other", "knee-0005");
        PredictionFolder.Open(predictions, new LabelSchema("own", ["background", "bone"]));
        var problem = Assert.Throws<ProblemException>(() =>
            Evaluate(predictions, folder.At("knees"), null)
        );
        Assert.Equal(ExitCode.Checkpoint, problem.Exit);
        Assert.Contains("label schema own", problem.What);
    }

    [Fact]
    public void Binary_predictions_are_compared_with_all_structures_as_one()
    {
        var predictions = folder.Predictions("binary", "knee-0005");
        PredictionFolder.Open(predictions, LabelSchema.Binary);
        var labels = VolumeFile.ReadLabels(folder.Labels("knee-0005"));
        VolumeFile.Write(
            Path.Combine(predictions, "knee-0005.nii.gz"),
            labels with
            {
                Voxels = LabelValue.Binarized(labels.Voxels),
            }
        );
        var summary = Evaluate(predictions, folder.At("knees"), null);
        Assert.Equal(1, summary.MeanDice);
        Assert.Equal(LabelSchema.Binary.Labels.Skip(1), summary.Labels.Select(label => label.Name));
    }
}
