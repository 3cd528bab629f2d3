using System.Text.Json.Nodes;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>Whose labels lie in a folder of predictions, and what is never overwritten there.</summary>
public sealed class PredictionIdentityTests : PredictionWorkshop
{
    private string Image => Path.Combine(Images, "a.nii.gz");

    private string Labels => Path.Combine(Predictions, "a.nii.gz");

    [Fact]
    public void An_image_corrected_in_place_is_predicted_again_and_that_is_said()
    {
        Run(Image);
        Save("a.nii.gz", 7);
        var heard = new Listener();

        var summary = PredictionJob.Run(Own, PredictionInput.Find([Image]), Predictions, heard);

        Assert.Equal((1, 0), (summary.Predicted, summary.Skipped));
        Assert.Equal(Own.Predict(VolumeFile.ReadImage(Image)).Voxels, Read(Labels));
        Assert.Contains(
            "a: the image has changed since it was predicted; predicting it again",
            heard.Said
        );
    }

    [Fact]
    public void An_image_whose_header_alone_was_corrected_is_predicted_again()
    {
        Run(Image);
        var image = VolumeFile.ReadImage(Image);
        var moved = image.Grid.Affine.WithOrigin(new(1, 2, 3));
        VolumeFile.Write(Image, image with { Grid = image.Grid with { Affine = moved } });

        Assert.Equal(1, Run(Image).Predicted);
        Assert.Equal(moved.Origin, VolumeFile.ReadGrid(Labels).Affine.Origin);
    }

    [Fact]
    public void Another_image_of_the_same_name_is_refused_with_both_paths_and_the_first_keeps_its_labels()
    {
        Save("other/a.nii", 7);
        var other = Path.Combine(Images, "other", "a.nii");
        Run(Image);
        var (labels, index) = (File.ReadAllBytes(Labels), Index().ToJsonString());

        // In whatever format: a folder has one case of a name.
        foreach (var format in new[] { OutputFormat.Nifti, OutputFormat.MetaImage })
        {
            var problem = Assert.Throws<ProblemException>(() =>
                Run(other, new PredictionOutput(format))
            );
            Assert.Equal((ExitCode.Usage, true), (problem.Exit, problem.What.Contains(Image)));
            Assert.Contains(other, problem.What);
        }
        Assert.Equal(labels, File.ReadAllBytes(Labels));
        Assert.Equal(index, Index().ToJsonString());
    }

    [Fact]
    public void The_same_image_elsewhere_is_done()
    {
        Run(Image);
        var moved = Path.Combine(Folder, "moved", "a.nii.gz");
        Directory.CreateDirectory(Path.GetDirectoryName(moved)!);
        File.Move(Image, moved);

        Assert.Equal(1, Run(moved).Skipped);

        // The next patient's image takes the old path.
        Save("a.nii.gz", 7);
        Assert.Contains(moved, Assert.Throws<ProblemException>(() => Run(Image)).What);
    }

    [Fact]
    public void Where_the_first_images_labels_were_taken_away_the_name_is_free()
    {
        Save("other/a.nii", 7);
        Run(Image);
        File.Delete(Labels);

        Assert.Equal(1, Run(Path.Combine(Images, "other", "a.nii")).Predicted);
    }

    [Theory]
    [InlineData("a.nii.gz")]
    [InlineData("uncertainty/a.nii.gz")]
    public void A_file_of_which_nothing_is_known_is_never_overwritten(string name)
    {
        var drawn = Path.Combine(Predictions, name);
        AtomicFile.WriteText(drawn, "drawn by hand");

        var problem = Assert.Throws<ProblemException>(() =>
            Run(Image, new PredictionOutput(Uncertainty: true))
        );

        Assert.Equal((ExitCode.Usage, drawn), (problem.Exit, problem.Where));
        Assert.Equal("drawn by hand", File.ReadAllText(drawn));
    }

    [Fact]
    public void Labels_of_a_version_that_did_not_keep_the_image_are_not_taken_for_this_images()
    {
        Run(Image);
        var index = Index();
        var one = index["cases"]!["a"]!.AsObject();
        foreach (var field in new[] { "image", "files", "roiMargin", "warnings", "complete" })
            one.Remove(field);
        Write(index);

        Assert.Equal(Labels, Assert.Throws<ProblemException>(() => Run(Image)).Where);
    }

    [Fact]
    public void An_index_that_cannot_be_read_is_not_replaced()
    {
        Run(Image);
        var index = Path.Combine(Predictions, "predictions.json");
        foreach (
            var text in new[]
            {
                "{ torn",
                "{}",
                "",
                "null",
                """{ "format": 1, "profile": "iwoai", "labels": [], "cases": {} }""",
            }
        )
        {
            File.WriteAllText(index, text);

            var problem = Assert.Throws<ProblemException>(() => Run(Image));

            Assert.Equal(ExitCode.Checkpoint, problem.Exit);
            Assert.Equal(
                "is damaged or of another version, so the images of the predictions beside it are unknown",
                problem.What
            );
            Assert.Equal(text, File.ReadAllText(index));
        }
        File.Delete(index);
        File.Delete(Labels);
        Assert.Equal(1, Run(Image).Predicted);
    }

    [Fact]
    public void A_prediction_that_was_cut_off_while_it_was_written_is_made_again()
    {
        Run(Image);
        var whole = File.ReadAllBytes(Labels);
        // As a kill leaves it: noted, and the labels those of an earlier call.
        var index = Index();
        index["cases"]!["a"]!["complete"] = false;
        Write(index);

        Assert.Equal(1, Run(Image).Predicted);
        Assert.Equal(whole, File.ReadAllBytes(Labels));
        Assert.Equal(1, Run(Image).Skipped);
    }

    [Fact]
    public void A_name_that_another_image_is_being_written_under_is_taken()
    {
        Save("other/a.nii", 7);
        Run(Image);
        File.Delete(Labels);
        var index = Index();
        index["cases"]!["a"]!["complete"] = false;
        Write(index);

        Assert.Equal(
            ExitCode.Usage,
            Assert.Throws<ProblemException>(() => Run(Path.Combine(Images, "other", "a.nii"))).Exit
        );
    }

    [Fact]
    public void Files_of_the_old_image_go_where_they_are_not_made_again()
    {
        Run(Image, new PredictionOutput(Probabilities: true));
        var map = Path.Combine(Predictions, "probabilities", "a-meniscus.nii.gz");
        Assert.True(File.Exists(map));
        Save("a.nii.gz", 7);

        Run(Image, new PredictionOutput(OutputFormat.MetaImage));

        Assert.False(File.Exists(Labels));
        Assert.False(File.Exists(map));
        Assert.Equal(
            1,
            Run(Image, new PredictionOutput(OutputFormat.MetaImage, Probabilities: true)).Predicted
        );
    }

    [Fact]
    public void Another_format_of_the_same_prediction_stays_beside_it()
    {
        Run(Image);

        Assert.Equal(1, Run(Image, new PredictionOutput(OutputFormat.MetaImage)).Predicted);
        Assert.Equal(1, Run(Image).Skipped);
        Assert.Equal(Read(Labels), Read(Path.Combine(Predictions, "a.mha")));
    }

    [Fact]
    public void Another_margin_of_the_crop_is_another_crop()
    {
        Run(Image, new PredictionOutput(RoiMargin: 3));

        Assert.Equal(1, Run(Image, new PredictionOutput(RoiMargin: 6)).Predicted);
        Assert.Equal(1, Run(Image, new PredictionOutput(RoiMargin: 6)).Skipped);
    }

    [Fact]
    public void An_array_is_done_once_it_is_there()
    {
        Run(Image, new PredictionOutput(OutputFormat.Numpy));

        Assert.Equal(1, Run(Image, new PredictionOutput(OutputFormat.Numpy)).Skipped);
    }

    [Fact]
    public void An_image_named_twice_is_one_input() =>
        Assert.Equal(2, PredictionInput.Find([Images, Image]).Count);

    [Fact]
    public void Entries_that_many_write_at_once_are_all_kept()
    {
        var made = new PredictedCase(Own.Source, "file", []);
        Parallel.For(
            0,
            8,
            process =>
            {
                var folder = PredictionFolder.Open(Predictions, Own.Profile);
                for (var i = 0; i < 10; i++)
                    folder.Note($"{process}-{i}", _ => made);
            }
        );

        Assert.Equal(80, Index()["cases"]!.AsObject().Count);
    }

    private static byte[] Read(string labels) => VolumeFile.ReadLabels(labels).Voxels;

    private JsonNode Index() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Predictions, "predictions.json")))!;

    private void Write(JsonNode index) =>
        File.WriteAllText(Path.Combine(Predictions, "predictions.json"), index.ToJsonString());
}
