using KneeSeg.Data;
using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Patches;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Data.Validation;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Files;
using KneeSeg.Tests.Imaging;

namespace KneeSeg.Tests.Data;

/// <summary>Several datasets that label, call or number structures differently.</summary>
public sealed class DatasetUnionTests : IDisposable
{
    private const string First = """ "labels": ["background", "femoral cartilage", "tibia"] """;
    private const string Second =
        """ "labels": ["air", "Patellar_Cartilage", "tibia", "femoral-cartilage"], "ignore": 9 """;
    private const string Regions = """
        "regions": { "tibial cartilage": ["medial tibial cartilage", "lateral tibial cartilage"] }
        """;
    private const string Sides =
        """ "labels": ["background", "lateral tibial cartilage", "medial tibial cartilage"] """;
    private const string Merged =
        $""" "labels": ["background", "tibial cartilage", "tibia"], {Regions} """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_union_has_the_first_one_s_structures_and_then_new_ones()
    {
        var dataset = Open(Write("a", First), Write("b", Second));
        Assert.Equal(
            ["background", "femoral cartilage", "tibia", "Patellar_Cartilage"],
            dataset.Profile.Labels
        );
        Assert.Equal(["a", "b"], dataset.Sources.Select(source => source.Name));
        Assert.Equal("0+3 1 2", $"{dataset.Sources[0].Groups}");
        Assert.True(dataset.Sources[1].Groups.AreSingle);
        Assert.Equal(["a-1", "a-2", "b-1", "b-2"], dataset.Cases.Select(one => one.Id));
    }

    [Fact]
    public void Files_are_read_into_the_union_s_values()
    {
        var dataset = Open(Write("a", First), Write("b", Second));
        Assert.Equal([0, 1, 2, 0], Read(dataset, "a-1", 0, 1, 2, 0));
        Assert.Equal([0, 3, 2, 1, LabelValue.Ignored], Read(dataset, "b-1", 0, 1, 2, 3, 9));
        Problems.Assert(
            ExitCode.Data,
            "1 voxels have label 3, but the last label of profile a is 2",
            "Correct the labels",
            () => Read(dataset, "a-1", 0, 3)
        );
    }

    [Fact]
    public void One_dataset_of_its_own_is_what_it_was()
    {
        var dataset = Open(Write("a", First));
        Assert.Empty(dataset.Sources);
        Assert.All(dataset.Cases, one => Assert.Null(one.Source));
    }

    [Fact]
    public void A_manifest_names_its_sources_and_renames_their_structures()
    {
        Write("a", First);
        Write("b", """ "labels": ["background", "TB", "FC", "patella"] """);
        var dataset = Open(
            Manifest(
                """{ "data": "a" }, { "name": "lab", "data": "b", "rename": { "FC": "Femoral cartilage", "TB": "tibia" } }"""
            )
        );
        Assert.Equal(
            ["background", "femoral cartilage", "tibia", "patella"],
            dataset.Profile.Labels
        );
        Assert.Equal(["a", "lab"], dataset.Sources.Select(source => source.Name));
        Assert.Equal(["background", "TB", "FC", "patella"], dataset.Sources[1].Labels);
        Assert.Equal([2, 1, 3], dataset.Sources[1].Classes.Skip(1).Select(one => one.Single()));
    }

    [Fact]
    public void A_value_of_a_region_means_all_its_structures()
    {
        var dataset = Open(Write("a", Merged), Write("b", Sides));
        // Medial and lateral are 1 and 2, in the order of the region.
        Assert.Equal("0 1+2 3", $"{dataset.Sources[0].Groups}");
        Assert.Equal("0+3 1 2", $"{dataset.Sources[1].Groups}");
        Assert.Equal([0, 1, 3], Read(dataset, "a-1", 0, 1, 2));
        Assert.Equal([0, 2, 1], Read(dataset, "b-1", 0, 1, 2));
        Assert.Equal("tibial cartilage", Assert.Single(dataset.Profile.Regions).Name);
    }

    public static TheoryData<string, string, string, string> Contradictions() =>
        new()
        {
            {
                Merged,
                First,
                "no source tells \"medial tibial cartilage\" from \"lateral tibial cartilage\"",
                "Add a source that labels them apart"
            },
            {
                First,
                """ "labels": ["background", "tibia", "Tibia"] """,
                "the labels 1 \"tibia\" and 2 \"Tibia\" both mean \"tibia\"",
                "Give each structure one label"
            },
            {
                Sides,
                $""" "labels": ["background", "tibial cartilage", "medial tibial cartilage"], {Regions} """,
                "the labels 1 \"tibial cartilage\" and 2 \"medial tibial cartilage\" both mean \"medial tibial cartilage\"",
                "\"regions\""
            },
            {
                First,
                """ "labels": ["background", "tibia"], "channels": ["echo1"] """,
                "its sources have different channels: a has one without a name; b has echo1",
                "the same \"channels\""
            },
            {
                Merged,
                """ "labels": ["background", "tibia"], "regions": { "tibial cartilage": ["tibia", "patella"] } """,
                "two meanings of the region \"tibial cartilage\"",
                "another name"
            },
            {
                """ "labels": ["background", "left", "right"], "mirror": { "axes": ["depth"], "swap": [[1, 2]] } """,
                """ "labels": ["background", "left"], "mirror": { "axes": ["depth"] } """,
                "\"left\" and \"right\" swap where a source is mirrored, but b",
                "Declare the same \"mirror\""
            },
        };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Labels_that_contradict_each_other_are_refused(
        string first,
        string second,
        string says,
        string advises
    )
    {
        Write("a", first);
        Write("b", second);
        Problems.Assert(ExitCode.Data, says, advises, () => Open(folder["a"], folder["b"]));
    }

    [Theory]
    [InlineData(
        "{ \"data\": \"a\", \"rename\": { \"FC\": \"x\" } }",
        "\"FC\" is not a label",
        "femoral cartilage, tibia"
    )]
    [InlineData(
        "{ \"data\": \"a\" }, { \"data\": \"a\" }",
        "two sources are named \"a\"",
        "a \"name\" of its own"
    )]
    [InlineData("{ \"data\": \"nowhere\" }", "no such file or folder", "dataset.json")]
    [InlineData("{ \"data\": \".\" }", "unknown field \"sources\"", "cases")]
    public void An_invalid_source_is_refused(string sources, string says, string advises)
    {
        Write("a", First);
        Problems.Assert(ExitCode.Data, says, advises, () => Open(Manifest(sources)));
    }

    [Fact]
    public void A_subject_in_two_sources_must_be_in_one_split()
    {
        Write("a", First);
        Write("b", Second, "a");
        Problems.Assert(
            ExitCode.Data,
            "case a-1: 2 cases have this id",
            "unique id",
            () => Open(folder["a"], folder["b"])
        );
    }

    [Fact]
    public void Validation_says_what_each_source_labels_and_how()
    {
        Write("a", First);
        Write("b", Second);
        var dataset = Open(folder["a"], folder["b"]);
        foreach (var one in dataset.Cases)
            Labels(one, one.Source!.Name == "a" ? [0, 1, 1, 2] : [0, 1, 2, 3, 3, 3]);
        var sources = DatasetValidation.Run([folder["a"], folder["b"]]).Sources;
        Assert.Equal([(1, 1, 4L), (2, 2, 2L)], sources[0].Labels.Select(Told));
        Assert.Equal(["Patellar_Cartilage"], sources[0].Unlabeled);
        Assert.Equal([(1, 3, 2L), (2, 2, 2L), (3, 1, 6L)], sources[1].Labels.Select(Told));

        static (int, int, long) Told(SourceLabel one) =>
            (one.Value, one.Classes.Single(), one.Voxels);
    }

    [Fact]
    public void Mirrored_labels_swap_in_every_source()
    {
        const string swap = """ "mirror": { "axes": ["depth", "width"], "swap": [[1, 2]] } """;
        var dataset = Open(
            Write("a", $""" "labels": ["background", "left", "right"], {swap} """),
            Write("b", $""" "labels": ["background", "right", "left", "tibia"], {swap} """)
        );
        Assert.Equal([new SwappedLabels(1, 2)], dataset.Mirror.Swap);
        Assert.Equal([ModelAxis.Depth, ModelAxis.Width], dataset.Mirror.Axes);
    }

    [Fact]
    public void A_batch_knows_what_the_labels_of_each_patch_tell()
    {
        var dataset = Open(Write("a", First), Write("b", Second));
        foreach (var one in dataset.Cases)
            Labels(one, one.Source!.Name == "a" ? [0, 1, 1, 2] : [0, 1, 2, 3]);
        var cases = PreprocessedDataset.Load(dataset, new(new(1, 1, 1))).Train;
        var options = new PatchSamplingOptions(
            new(1, 1, 4),
            PatchKind.Volume,
            0,
            FlipAugmentation.None,
            Augmentation.None
        );
        var batch = new PatchSampler(cases, options, 1).Batch(0, 0, 8);
        Assert.Equal(
            batch.Cases.Select(id => id == "a-1" ? "0+3 1 2" : null),
            batch.Groups.Select(groups => groups?.ToString())
        );
        Assert.Equal(batch.Groups, batch.Split(4).SelectMany(part => part.Groups));
        Assert.Empty(new PatchSampler([cases[1]], options, 1).Batch(0, 0, 8).Groups);
    }

    private byte[] Read(Dataset dataset, string id, params byte[] stored)
    {
        var one = dataset.Cases.Single(one => one.Id == id);
        Labels(one, stored);
        return one.ReadLabels(dataset.Profile).Voxels;
    }

    private static void Labels(DatasetCase one, params byte[] stored)
    {
        var grid = Grid.Centered(new(stored.Length, 1, 1), new(1, 1, 1), "PIR");
        VolumeFile.Write(one.Labels!, new Volume<byte>(grid, stored));
        VolumeFile.Write(
            one.Image,
            new Volume<float>(grid, [.. stored.Select((_, i) => (float)i * (i + one.Id[^1]))])
        );
    }

    private static Dataset Open(params string[] paths) => DatasetFolder.Open(paths);

    private string Manifest(string sources)
    {
        File.WriteAllText(
            folder["dataset.json"],
            $$"""{ "format": 1, "sources": [{{sources}}] }"""
        );
        return folder["dataset.json"];
    }

    private string Write(string name, string fields, string? cases = null)
    {
        Directory.CreateDirectory(folder[name]);
        string Case(int number, string split)
        {
            var id = $"{cases ?? name}-{number}";
            File.WriteAllText(folder[$"{name}/{id}.nii"], "");
            File.WriteAllText(folder[$"{name}/{id}-labels.nii"], "");
            return $$"""{ "id": "{{id}}", "split": "{{split}}", "image": "{{id}}.nii", "labels": "{{id}}-labels.nii" }""";
        }
        File.WriteAllText(
            folder[$"{name}/dataset.json"],
            $$"""
            { "format": 1, "name": "{{name}}", "profile": "{{name}}", {{fields}},
              "cases": [{{Case(1, "train")}}, {{Case(2, "validation")}}] }
            """
        );
        return folder[name];
    }
}
