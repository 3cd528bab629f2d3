using System.Text.RegularExpressions;
using KneeSeg.Data.Patches;
using KneeSeg.Runs;

namespace KneeSeg.Tests.Runs;

public sealed class RecipesTests
{
    [Fact]
    public void The_published_recipes_are_what_was_published()
    {
        var vnet = Recipes.Named["published-vnet"];
        Assert.Equal((50, .9, 3), (vnet.Epochs, vnet.DecayFactor, vnet.DecayEvery));
        var baseline = Recipes.Named["published-baseline"];
        Assert.Equal((100, .99, 10), (baseline.Epochs, baseline.DecayFactor, baseline.DecayEvery));
        foreach (var recipe in new[] { vnet, baseline })
        {
            Assert.Equal((1, 120, true), (recipe.BatchSize, recipe.StepsPerEpoch, recipe.Binary));
            Assert.Equal((5e-4, 1e-7), (recipe.LearningRate, recipe.MinLearningRate));
            Assert.Equal((CropDistribution.Normal, true), (recipe.Sampling, recipe.ResampleEmpty));
        }
    }

    [Fact]
    public void Every_recipe_survives_json()
    {
        foreach (var (name, recipe) in Recipes.Named)
            Assert.Equal(recipe, RecipeText.Read(RecipeText.Write(recipe), name));
    }

    [Fact]
    public void Names_and_values_of_earlier_versions_are_still_read()
    {
        var old = """
            { "batch": 4, "accumulate": 2, "leastRate": 0.1, "drop": 0.5, "dropEvery": 7, "average": 0.9, "foreground": 0.2,
              "skipEmpty": true, "labels": "linear", "crop": "1x2x3", "optimiser": "sgd", "loss": "overall-dice",
              "sampling": "centred" }
            """;
        string[] assignments =
        [
            "batchSize=4",
            "accumulationSteps=2",
            "minLearningRate=0.1",
            "decayFactor=0.5",
            "decayEvery=7",
            "emaDecay=0.9",
            "foregroundFraction=0.2",
            "resampleEmpty=true",
            "labelInterpolation=linear",
            "centerCrop=1x2x3",
            "optimizer=sgd",
            "loss=pooled-dice",
            "sampling=centered",
        ];
        Assert.Equal(RecipeText.Set(new(), assignments), RecipeText.Read(old, "old"));
        Assert.Equal(
            RecipeText.Set(new(), "batchSize=4", "sampling=centered"),
            RecipeText.Set(new(), "batch=4", "sampling=centred")
        );
    }

    [Fact]
    public void An_old_and_a_new_name_of_one_field_are_refused() =>
        Assert.Equal(
            "sets 'batchSize' twice",
            Assert
                .Throws<ProblemException>(() =>
                    RecipeText.Read("""{ "batch": 1, "batchSize": 2 }""", "twice")
                )
                .What
        );

    [Fact]
    public void The_page_documents_every_field_and_recipe()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "KneeSeg.sln")))
            folder = folder.Parent!;
        var page = File.ReadAllText(
            Path.Combine(folder.FullName, "docs", "reference", "recipe.md")
        );
        var documented = Regex
            .Matches(page, "`([A-Za-z-]+)`")
            .Select(m => m.Groups[1].Value)
            .ToHashSet();
        Assert.Empty(RecipeText.FieldNames.Except(documented));
        Assert.Empty(Recipes.Named.Keys.Except(documented));
    }
}
