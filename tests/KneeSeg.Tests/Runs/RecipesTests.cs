using System.Text.RegularExpressions;
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
            Assert.Equal(("normal", true), (recipe.Sampling, recipe.ResampleEmpty));
        }
    }

    [Fact]
    public void Every_recipe_survives_json()
    {
        foreach (var (name, recipe) in Recipes.Named)
            Assert.Equal(recipe, RecipeText.Read(RecipeText.Write(recipe), name));
    }

    [Fact]
    public void The_page_tells_every_field_and_recipe()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "KneeSeg.sln")))
            folder = folder.Parent!;
        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "training.md"));
        var told = Regex.Matches(page, "`([A-Za-z-]+)`").Select(m => m.Groups[1].Value).ToHashSet();
        Assert.Empty(RecipeText.FieldNames.Except(told));
        Assert.Empty(Recipes.Named.Keys.Except(told));
    }
}
