using KneeSeg.Data;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Dsl;
using KneeSeg.Runs;

namespace KneeSeg.Tests.Runs;

/// <summary>What changed since a run began is said, case by case.</summary>
public sealed class RunConflictTests
{
    private static readonly RunManifest Begun = new(
        RunManifest.CurrentFormat,
        "unet",
        "hash",
        Networks.Parse("unet"),
        new Recipe(),
        new(16, 16, 16),
        new Preprocessor(new(0.7, 0.4, 0.4)),
        "two",
        ["background", "cartilage"],
        "knees",
        "before",
        Cases(["a", "b", "c"], ["d"], ["e"]),
        "1.0"
    )
    {
        Contents = new Dictionary<string, CaseHashes>
        {
            ["a"] = new("1", "1"),
            ["b"] = new("2", "2"),
            ["c"] = new("3", "3"),
            ["d"] = new("4", "4"),
        },
        Mirror = FlipAugmentation.Knees,
    };

    private static readonly RunManifest Now = Begun with { Fingerprint = "now" };

    [Fact]
    public void The_same_run_is_resumed_whatever_the_test_cases() =>
        Assert.Null(
            RunConflict.Between(Begun, Begun with { Cases = Cases(["a", "b", "c"], ["d"], []) })
        );

    [Fact]
    public void Another_loss_of_an_output_is_another_recipe() =>
        Assert.Equal(
            "holds a run with another recipe: outputs null, not \"edge=0.5\"",
            RunConflict
                .Between(
                    Begun,
                    Begun with
                    {
                        Recipe = new() { Outputs = new([new("edge", null, 0.5)]) },
                    }
                )!
                .What
        );

    [Fact]
    public void Labels_and_images_that_changed_are_named()
    {
        Assert.Equal("the labels of case b", Change(With(("b", "2", "9"))));
        Assert.Equal(
            "the image of case d; the labels of cases a, b",
            Change(With(("a", "1", "9"), ("b", "2", "9"), ("d", "9", "4")))
        );
    }

    [Fact]
    public void Added_removed_and_moved_cases_are_named()
    {
        Assert.Equal(
            "case b removed; case f added",
            Change(Now with { Cases = Cases(["a", "c", "f"], ["d"], []) })
        );
        Assert.Equal(
            "case d moved to train; cases a, b moved to validation",
            Change(Now with { Cases = Cases(["c", "d"], ["a", "b"], []) })
        );
        Assert.Equal(
            "case b moved to test",
            Change(Now with { Cases = Cases(["a", "c"], ["d"], ["b"]) })
        );
        Assert.Equal(
            "the order of cases",
            Change(Now with { Cases = Cases(["b", "a", "c"], ["d"], []) })
        );
    }

    [Fact]
    public void Another_median_spacing_label_names_and_flips_are_named()
    {
        Assert.Equal(
            "the training images' median spacing was 0.7×0.4×0.4 mm and is now 0.8×0.4×0.4 mm",
            Change(Now with { Preprocessing = new(new(0.8, 0.4, 0.4)) })
        );
        Assert.Equal(
            "the labels were background, cartilage and are now background, meniscus",
            Change(Now with { Labels = ["background", "meniscus"] })
        );
        Assert.Equal(
            "flip augmentation mirrors other axes or labels",
            Change(Begun with { Mirror = FlipAugmentation.None })
        );
    }

    [Fact]
    public void A_run_of_an_older_version_without_hashes_is_still_refused() =>
        Assert.Contains(
            "an image or its labels",
            RunConflict.Between(Begun with { Contents = null }, Now)!.What
        );

    [Fact]
    public void Another_recipe_is_reported_field_by_field_before_its_consequences()
    {
        var recipe = new Recipe { Spacing = new(1, 1, 1), Epochs = 7 };
        var conflict = RunConflict.Between(Begun, Now with { Recipe = recipe })!;
        Assert.Equal(
            "holds a run with another recipe: epochs 50, not 7, spacing \"\", not \"1x1x1\"",
            conflict.What
        );
        Assert.Contains("rerun the command", conflict.Fix);
    }

    private static string Change(RunManifest now)
    {
        const string begin = "the run's dataset 'knees' has changed since it began: ";
        var conflict = RunConflict.Between(Begun, now)!;
        Assert.StartsWith(begin, conflict.What);
        Assert.Contains("Restore the dataset", conflict.Fix);
        Assert.Contains("another --run", conflict.Fix);
        return conflict.What[begin.Length..];
    }

    private static RunManifest With(params (string Id, string Image, string Labels)[] changed)
    {
        Dictionary<string, CaseHashes> contents = new(Begun.Contents!);
        foreach (var (id, image, labels) in changed)
            contents[id] = new(image, labels);
        return Now with { Contents = contents };
    }

    private static Dictionary<Split, IReadOnlyList<string>> Cases(
        string[] train,
        string[] validation,
        string[] test
    ) =>
        new()
        {
            [Split.Train] = train,
            [Split.Validation] = validation,
            [Split.Test] = test,
        };
}
