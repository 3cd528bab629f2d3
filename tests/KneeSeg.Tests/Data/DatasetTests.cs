using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

public sealed class DatasetTests : IDisposable
{
    private const string Whole = """
        { "format": 1, "name": "two knees", "profile": "iwoai",
          "mirror": { "axes": ["depth"], "swap": [[2, 3], [5, 6]] },
          "cases": [
            { "id": "a", "subject": "s1", "side": "left", "split": "train", "image": "a.nii", "labels": "a-labels.nii" },
            { "id": "b", "subject": "s2", "split": "test", "image": "b.nii", "labels": "b-labels.nii", "spacing": [0.7, 0.4, 0.3] }
          ] }
        """;

    private readonly TemporaryFolder folder = new();

    public DatasetTests()
    {
        foreach (var name in (string[])["a.nii", "a-labels.nii", "b.nii", "b-labels.nii"])
            File.WriteAllText(folder[name], "");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Label_maps_share_structures_by_name_but_never_the_background()
    {
        LabelSchema Map(params string[] structures) => new("map", ["background", .. structures]);
        Assert.True(Map("femur", "femoral cartilage").Shares(Map("Femoral-Cartilage")));
        Assert.True(LabelSchema.Find("iwoai")!.Shares(LabelSchema.Find("oai-zib")!));
        Assert.False(Map("femur").Shares(Map("tibia")));
    }

    [Fact]
    public void A_manifest_is_read_field_by_field()
    {
        var dataset = Open(Whole);
        Assert.Equal("two knees", dataset.Name);
        Assert.Equal("medial meniscus", dataset.Profile.Labels[6]);
        Assert.Equal(
            [(2, 3), (5, 6)],
            dataset.Mirror.Swap.Select(p => ((int)p.First, (int)p.Second))
        );
        Assert.Equal(
            new DatasetCase(
                "b",
                "s2",
                KneeSide.Unknown,
                Split.Test,
                folder["b.nii"],
                folder["b-labels.nii"],
                new ModelSpacing(.7, .4, .3)
            ),
            dataset.Cases[1]
        );
        Assert.Equal(["a"], dataset.In(Split.Train).Select(c => c.Id));
    }

    [Fact]
    public void A_manifest_may_bring_labels_of_its_own()
    {
        var dataset = Open(
            Whole.Replace(
                "\"iwoai\",",
                "\"hips\", \"labels\": [\"air\", \"left\", \"right\", \"x\", \"y\", \"z\", \"u\"],"
            )
        );
        Assert.Equal("right", dataset.Profile.Labels[2]);
    }

    // The text replaced in the manifest, its replacement, and the expected error.
    public static TheoryData<string, string, string, string> Faults =>
        new()
        {
            { "{ \"format\": 1", "format 1", "line 1: it is not JSON", "Correct the line" },
            {
                "\"format\": 1",
                "\"format\": 7",
                "dataset.json, format: format 7 is not supported",
                "newer version"
            },
            { "\"format\": 1", "\"form\": 1", "unknown field \"form\"", "Use format, name" },
            { "\"format\": 1,", "", "the field \"format\" is missing", "Add it" },
            {
                "iwoai",
                "iwoia",
                "profile: profile \"iwoia\" is unknown",
                "iwoai, skm-tea, oai-zib"
            },
            {
                "\"iwoai\",",
                "\"iwoai\", \"labels\": [\"background\", \"femur\"],",
                "labels: the labels are not those of profile iwoai",
                "another name"
            },
            {
                "\"depth\"",
                "\"sideways\"",
                "mirror.axes[0]: \"sideways\" is unknown",
                "depth, height, width"
            },
            { "[2, 3]", "[2, 9]", "mirror.swap[0]: it is not two labels", "from 1 to 6" },
            {
                "\"split\": \"train\"",
                "\"split\": \"trian\"",
                "cases[0].split: \"trian\" is unknown",
                "train, validation, test"
            },
            { "\"side\": \"left\"", "\"side\": 1", "cases[0].side: it is not a text", "in quotes" },
            {
                "\"id\": \"a\"",
                "\"id\": \"a/b\"",
                "cases[0].id: \"a/b\" can't name a file",
                "letters"
            },
            { "\"id\": \"a\"", "\"id\": \"b\"", "case b: 2 cases have this id", "unique id" },
            {
                "\"subject\": \"s1\"",
                "\"subject\": \"s2\"",
                "subject s2: is in two splits: case a in train, case b in test",
                "one split"
            },
            { "\"a.nii\"", "\"c.nii\"", "case a: its image file", "Restore the file" },
            {
                "\"labels\": \"a-labels.nii\"",
                "\"labels\": null",
                "case a: has no labels",
                "move it to the test split"
            },
            {
                "\"a.nii\"",
                "\"../a.nii\"",
                "cases[0].image: \"../a.nii\" is outside",
                "Move the file"
            },
            {
                "\"a.nii\"",
                "\"a\\u0000\"",
                "cases[0].image: it is not a valid path",
                "Write the path"
            },
            {
                "\"a.nii\"",
                "\"/etc/passwd\"",
                "cases[0].image: \"/etc/passwd\" is outside",
                "Move the file"
            },
            {
                "[0.7, 0.4, 0.3]",
                "[0.7, 0.4]",
                "cases[1].spacing: it is not three lengths",
                "in mm"
            },
            {
                "[0.7, 0.4, 0.3]",
                "[0.7, 0.4, 0]",
                "cases[1].spacing: it is not three lengths",
                "in mm"
            },
            { "\"id\": \"b\"", "\"id\": \"\"", "cases[1].id: the text is empty", "Fill it in" },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_named_by_its_field_with_what_to_do(
        string original,
        string changed,
        string says,
        string advises
    ) => Problems.Assert(ExitCode.Data, says, advises, () => Open(Replaced(original, changed)));

    [Theory]
    [InlineData("nowhere", "no such file or folder")]
    [InlineData("", "contains neither dataset.json")]
    public void A_path_without_a_dataset_is_refused(string name, string says) =>
        Problems.Assert(
            ExitCode.Data,
            says,
            "dataset.json",
            () => DatasetFolder.Open(folder[name])
        );

    [Fact]
    public void A_folder_of_the_IWOAI_challenge_is_a_dataset_as_it_is()
    {
        foreach (
            var name in (string[])
                ["train_001_V00", "train_001_V01", "valid_002_V00", "test_003_V00", "test_004_V00"]
        )
            File.WriteAllText(folder[name + ".im"], "");
        foreach (
            var name in (string[])
                ["train_001_V00", "train_001_V01", "valid_002_V00", "test_003_V00"]
        )
            File.WriteAllText(folder[name + ".seg"], "");
        var dataset = DatasetFolder.Open(folder[""]);
        Assert.Equal("iwoai", dataset.Profile.Name);
        Assert.Equal(
            [
                ("test_003_V00", "test_003", Split.Test, true),
                ("test_004_V00", "test_004", Split.Test, false),
                ("train_001_V00", "train_001", Split.Train, true),
                ("train_001_V01", "train_001", Split.Train, true),
                ("valid_002_V00", "valid_002", Split.Validation, true),
            ],
            dataset.Cases.Select(c => (c.Id, c.Subject, c.Split, c.Labels is not null))
        );
    }

    [Fact]
    public void An_IWOAI_name_without_its_split_is_refused()
    {
        File.WriteAllText(folder["9311328_V01.im"], "");
        Problems.Assert(
            ExitCode.Data,
            "\"9311328_V01\" does not begin with train",
            "dataset.json",
            () => DatasetFolder.Open(folder[""])
        );
    }

    private static string Replaced(string original, string changed)
    {
        var at = Whole.IndexOf(original, StringComparison.Ordinal);
        Assert.True(at >= 0, original);
        return Whole[..at] + changed + Whole[(at + original.Length)..];
    }

    private Dataset Open(string manifest)
    {
        File.WriteAllText(folder["dataset.json"], manifest);
        return DatasetFolder.Open(folder["dataset.json"]);
    }
}
