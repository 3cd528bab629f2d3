using KneeSeg.Data.Datasets;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class NnunetFolderTests : IDisposable
{
    private const string Version2 = """
        { "channel_names": { "0": "DESS" },
          "labels": { "background": 0, "femoral_cartilage": 1, "medial tibial cartilage": 2,
                      "lateral tibial cartilage": 3, "Patellar Cartilage": 4, "lateral meniscus": 5,
                      "medial meniscus": 6 },
          "numTraining": 10, "file_ending": ".mha" }
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_raw_folder_is_read_as_it_is()
    {
        for (var subject = 0; subject < 5; subject++)
        for (var visit = 0; visit < 2; visit++)
            Touch(
                $"imagesTr/knee{subject}_V0{visit}_0000.mha",
                $"labelsTr/knee{subject}_V0{visit}.mha"
            );
        Touch("imagesTs/knee7_V00_0000.mha");
        var dataset = Open(Version2);

        Assert.Equal("iwoai", dataset.Profile.Name);
        Assert.Empty(dataset.Mirror.Axes);
        Assert.Equal(11, dataset.Cases.Count);
        var first = dataset.Cases[0];
        Assert.Equal(
            (
                "knee0_V00",
                "knee0",
                folder["set/imagesTr/knee0_V00_0000.mha"],
                folder["set/labelsTr/knee0_V00.mha"]
            ),
            (first.Id, first.Subject, first.Image, first.Labels)
        );
        Assert.Null(Assert.Single(dataset.In(Split.Test)).Labels);
        // One of five subjects validates, with both visits.
        Assert.Equal(2, dataset.In(Split.Validation).Count());
        Assert.Single(dataset.In(Split.Validation).Select(c => c.Subject).Distinct());
    }

    [Fact]
    public void Version_1_has_its_labels_by_value_and_other_labels_make_a_profile()
    {
        Touch("imagesTr/a_0000.nii.gz", "labelsTr/a.nii.gz");
        Touch("imagesTr/b_0000.nii.gz", "labelsTr/b.nii.gz");
        var dataset = Open(
            """{ "name": "hips", "modality": { "0": "MR" }, "labels": { "1": "left", "0": "air", "2": "right" } }"""
        );
        Assert.Equal("hips", dataset.Name);
        Assert.Equal(["air", "left", "right"], dataset.Profile.Labels);
    }

    [Fact]
    public void Regions_are_unions_of_the_values_in_the_files()
    {
        Touch("imagesTr/a_0000.nii.gz", "labelsTr/a.nii.gz");
        var dataset = Open(
            """
            { "channel_names": { "0": "MR" }, "regions_class_order": [1, 2, 3],
              "labels": { "background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": [3], "ignore": 4 } }
            """
        );
        Assert.Equal(["background", "label 1", "label 2", "enhancing"], dataset.Profile.Labels);
        Assert.Equal((byte)4, dataset.Profile.Ignore);
        Assert.Equal(["whole", "core"], dataset.Profile.Regions.Select(region => region.Name));
        Assert.Equal(["label 2", "enhancing"], dataset.Profile.Regions[1].Structures);
        Assert.Empty(dataset.Sources);
        Problems.Assert(
            ExitCode.Data,
            "the region \"whole\" has background or ignored voxels",
            "structures only",
            () =>
                Open(
                    """{ "channel_names": { "0": "MR" }, "regions_class_order": [1], "labels": { "background": 0, "bone": 1, "whole": [0, 1] } }"""
                )
        );
    }

    [Theory]
    [InlineData("\"lateral meniscus\": 5", "\"meniscus\": [5, 6]", "values [5, 6]", "one value")]
    [InlineData(
        "\"lateral meniscus\": 5",
        "\"lateral meniscus\": 9",
        "0, 1, 2, 3, 4, 6, 9",
        "Number"
    )]
    public void What_is_not_read_is_refused(string now, string then, string says, string advises)
    {
        Touch("imagesTr/a_0000.mha", "labelsTr/a.mha");
        Problems.Assert(ExitCode.Data, says, advises, () => Open(Version2.Replace(now, then)));
    }

    [Fact]
    public void The_ignore_label_is_no_structure()
    {
        Touch("imagesTr/a_0000.mha", "labelsTr/a.mha", "imagesTr/._a_0000.mha");
        var dataset = Open(
            Version2.Replace("\"medial meniscus\": 6", "\"medial meniscus\": 6, \"ignore\": 7")
        );
        Assert.Equal("iwoai", dataset.Profile.Name);
        Assert.Equal((7, (byte)7), (dataset.Profile.Classes, dataset.Profile.Ignore));
        Assert.Single(dataset.Cases);
    }

    [Theory]
    [InlineData(
        "\"background\": 0",
        "\"background\": 0, \"ignore\": 7, \"bone\": 8",
        "\"ignore\" has the value 7, but \"bone\" has 8",
        "highest value"
    )]
    [InlineData(
        "\"background\": 0",
        "\"background\": 0, \"ignore\": 255",
        "5, 6, 255",
        "ending with ignore"
    )]
    [InlineData(
        "\"background\": 0",
        "\"background\": 0, \"Ignore\": 7",
        "\"Ignore\" would be learned",
        "Write \"ignore\""
    )]
    [InlineData(
        "\"background\": 0",
        "\"background\": 0, \"ignore\": [7]",
        "\"ignore\" has the values [7]",
        "one value"
    )]
    [InlineData(
        "\"background\": 0",
        "\"background\": 0, \"bone\": 6",
        "both have the value 6",
        "its own value"
    )]
    [InlineData(
        "\"background\": 0, \"femoral_cartilage\": 1",
        "\"background\": 1, \"femoral_cartilage\": 0",
        "\"background\" has the value 1",
        "value 0"
    )]
    [InlineData(
        "\"numTraining\"",
        "\"dataset\": {}, \"numTraining\"",
        "dataset: listed files",
        "imagesTr"
    )]
    [InlineData(
        "{ \"0\": \"DESS\" }",
        "[\"DESS\"]",
        "channel_names: it is not an object",
        "object"
    )]
    public void Reserved_words_are_refused_by_name(
        string now,
        string then,
        string says,
        string advises
    )
    {
        Assert.Contains(now, Version2);
        What_is_not_read_is_refused(now, then, says, advises);
    }

    [Theory]
    [InlineData("imagesTr")]
    [InlineData("imagesTs")]
    public void An_image_of_another_channel_is_refused(string set)
    {
        Touch("imagesTr/a_0000.mha", "labelsTr/a.mha", $"{set}/a_0000.mha", $"{set}/a_0001.mha");
        Problems.Assert(
            ExitCode.Data,
            $"{set}/a_0001.mha: it is not of channel _0000",
            "other channels elsewhere",
            () => Open(Version2)
        );
    }

    [Theory]
    [InlineData("CT", true)]
    [InlineData("nonorm", true)]
    [InlineData("MR", false)]
    public void A_normalization_of_nnunet_s_own_is_a_warning(string channel, bool isWarning)
    {
        Touch("imagesTr/a_0000.mha", "labelsTr/a.mha");
        var warnings = Open(Version2.Replace("DESS", channel)).Warnings;
        Assert.Equal(isWarning, warnings is [{ Severity: IssueSeverity.Warning }]);
    }

    [Fact]
    public void Images_elsewhere_or_of_another_ending_are_missed_in_words()
    {
        Touch("imagesTr/a_0000.nii.gz");
        Problems.Assert(
            ExitCode.Data,
            "there is no image *_0000.mha in imagesTr",
            "Put the images there",
            () => Open(Version2)
        );
    }

    private Dataset Open(string manifest)
    {
        Directory.CreateDirectory(folder["set"]);
        File.WriteAllText(folder["set/dataset.json"], manifest);
        return DatasetFolder.Open(folder["set"]);
    }

    private void Touch(params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[$"set/{name}"])!);
            File.WriteAllText(folder[$"set/{name}"], "");
        }
    }
}
