using System.Text.Json.Nodes;
using KneeSeg.Imaging.Files;
using KneeSeg.Imaging.Formats;
using KneeSeg.Inference;
using KneeSeg.Inference.Files;
using KneeSeg.Inference.LabelRules;

namespace KneeSeg.Torch.Tests.Inference;

/// <summary>What is said of images that a network may not be trusted with.</summary>
public sealed class PredictionWarningTests : PredictionWorkshop
{
    [Fact]
    public void An_image_as_others_has_no_warning()
    {
        Assert.Empty(Warnings("a.nii.gz", Postprocessing.None));
        Assert.Empty(Index("a")["warnings"]!.AsArray());
    }

    [Fact]
    public void Wrong_units_are_said_and_kept()
    {
        var image = Runs.Image(new(18, 17, 9), new(.003, .003, .006), "PIR");
        VolumeFile.Write(Path.Combine(Images, "tiny.nii"), image);

        var warnings = Warnings("tiny.nii", Postprocessing.None);

        Assert.Contains(warnings, one => one.StartsWith("its spacing 0.003×0.003×0.006 mm"));
        Assert.Contains(warnings, one => one.Contains("implausible for a knee image"));
        Assert.Equal(warnings, Index("tiny")["warnings"]!.AsArray().Select(one => $"{one}"));
    }

    [Fact]
    public void Slices_in_another_direction_than_in_training_are_reported()
    {
        // Trained on 6 mm from left to right, and 3 mm down and back.
        var image = Runs.Image(new(20, 18, 18), new(3, 3, 7), "PRS");
        VolumeFile.Write(Path.Combine(Images, "axial.nii"), image);

        var warning = Assert.Single(Warnings("axial.nii", Postprocessing.None));

        Assert.StartsWith("its spacing 3×7×3 mm (depth×height×width)", warning);
        Assert.Contains("more than a factor of 2", warning);
    }

    [Fact]
    public void Labels_that_are_all_background_are_reported()
    {
        var nothing = new Postprocessing([
            new LabelRule("cartilage", MinimumVolume: 1e9),
            new LabelRule("meniscus", MinimumVolume: 1e9),
        ]);

        Assert.Equal(
            ["no structure was found; all labels are background"],
            Warnings("a.nii.gz", nothing)
        );
    }

    private string[] Warnings(string name, Postprocessing rules)
    {
        var heard = new Listener();
        PredictionJob.Run(
            Own,
            new PredictionRequest(
                PredictionInput.Find([Path.Combine(Images, name)]),
                Predictions,
                new(),
                rules
            ),
            heard
        );
        var id = CaseId.Of(name) + ": ";
        return [.. heard.Said.Where(one => one.StartsWith(id)).Select(one => one[id.Length..])];
    }

    private JsonNode Index(string id) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Predictions, "predictions.json")))!["cases"]![
            id
        ]!;
}
