using KneeSeg.Data.Preprocessing;
using KneeSeg.Runs;

namespace KneeSeg.Tests.Runs;

/// <summary>Recipes from JSON and from <c>--set</c>.</summary>
public sealed class RecipeTests
{
    [Fact]
    public void A_recipe_survives_json() =>
        Assert.Equal(
            new Recipe
            {
                Epochs = 3,
                Patch = new(16, 32, 32),
                LearningRate = 1.25e-4,
            },
            RecipeText.Read(
                RecipeText.Write(
                    new Recipe
                    {
                        Epochs = 3,
                        Patch = new(16, 32, 32),
                        LearningRate = 1.25e-4,
                    }
                ),
                "test"
            )
        );

    [Fact]
    public void Fields_that_are_left_out_keep_their_defaults() =>
        Assert.Equal(new Recipe { BatchSize = 5 }, RecipeText.Read("""{ "batch": 5 }""", "test"));

    [Fact]
    public void Every_field_can_be_set()
    {
        var recipe = new Recipe();
        foreach (
            var (field, value) in new[]
            {
                ("stepsPerEpoch", "20"),
                ("mirror", "false"),
                ("learningRate", "1e-3"),
                ("patch", "8x8x8"),
            }
        )
            recipe = RecipeText.Set(recipe, $"{field}={value}");
        Assert.Equal(
            new Recipe
            {
                StepsPerEpoch = 20,
                Mirror = false,
                LearningRate = 1e-3,
                Patch = new(8, 8, 8),
            },
            recipe
        );
    }

    [Fact]
    public void Losses_of_outputs_are_read_from_text_and_written_as_such()
    {
        var recipe = RecipeText.Set(
            new Recipe(),
            "outputs=edge=smooth-l1*0.50,knee = 0.2 , deep 1=dice-ce"
        );
        OutputLosses expected = new([
            new("edge", DistanceLossKind.SmoothL1, 0.5),
            new("knee", null, 0.2),
            new("deep 1", LossKind.DiceCe, null),
        ]);
        Assert.Equal(new Recipe { Outputs = expected }, recipe);
        Assert.Contains(
            "\"outputs\": \"edge=smooth-l1*0.5, knee=0.2, deep 1=dice-ce\"",
            RecipeText.Write(recipe)
        );
        Assert.Equal(recipe, RecipeText.Read(RecipeText.Write(recipe), "test"));
        Assert.DoesNotContain("outputs", RecipeText.Write(new Recipe()));
        Assert.Null(RecipeText.Set(recipe, "outputs=").Outputs);
    }

    [Theory]
    [InlineData("outputs=edge", "'edge' is not an output with a loss and a weight")]
    [InlineData("outputs=edge=", "Write NAME=LOSS*WEIGHT, such as boundary=smooth-l1*0.5")]
    [InlineData("outputs=edge=l1*l1", "'edge=l1*l1' is not an output with a loss and a weight")]
    [InlineData("outputs=edge=l1, edge=2", "has 'edge' twice")]
    [InlineData("outputs=edge=-1", "-1 is not a weight. Use 0 or more")]
    [InlineData("outputs=edge=smooth", "Did you mean smooth-l1?")]
    [InlineData("stepPerEpoch=2", "Did you mean 'stepsPerEpoch'?")]
    [InlineData("epochs=many", "'many' is not a number")]
    [InlineData("mirror=3", "'3' is not true or false")]
    [InlineData("epochs=0", "epochs must be at least 1")]
    [InlineData("learningRate=NaN", "learningRate must be above 0")]
    [InlineData("epochs", "Write --set FIELD=VALUE")]
    [InlineData(
        "loss=dise",
        "--set loss=dise: is not a known value. Did you mean dice? Known values are dice-ce, dice, pooled-dice,"
    )]
    [InlineData("optimizer=adm", "Known values are adamW, adam, rmsProp, sgd.")]
    [InlineData("schedule=cosin", "Did you mean cosine?")]
    [InlineData("augmentation=heavy", "Known values are none, light, default, published.")]
    [InlineData("patch=16by32", "--patch 16by32: is not a size.")]
    [InlineData("patch=16x0x16", "Write depth, height and width, such as 48x96x96,")]
    [InlineData("spacing=1x1", "is not three lengths in mm")]
    [InlineData("spacing=100x1x1", "such as 0.7x0.365x0.365")]
    [InlineData("centerCrop=0x1x1", "such as 100x130x130")]
    public void A_wrong_assignment_is_named(string assignment, string says)
    {
        var problem = Assert.Throws<ProblemException>(() =>
            RecipeText.Set(new Recipe(), assignment)
        );
        Assert.Equal(ExitCode.Usage, problem.Exit);
        Assert.Contains(says, problem.Message);
    }

    [Fact]
    public void Words_and_sizes_are_read_in_any_case_and_left_empty_for_the_default()
    {
        var recipe = RecipeText.Set(
            new Recipe(),
            "optimizer=RMSProp",
            "intensity=zscore",
            "patch=16X32X48",
            "spacing=0.70x0.365x0.365"
        );
        Assert.Equal(
            new Recipe
            {
                Optimizer = OptimizerKind.RmsProp,
                Intensity = NormalizationMethod.ZScore,
                Patch = new(16, 32, 48),
                Spacing = new(.7, .365, .365),
            },
            recipe
        );
        var plain = RecipeText.Set(recipe, "patch=", "spacing=");
        Assert.Null(plain.Patch);
        Assert.Null(plain.Spacing);
    }

    [Fact]
    public void A_wrong_word_of_a_file_is_located_there()
    {
        var problem = Assert.Throws<ProblemException>(() =>
            RecipeText.Read("""{ "crop": "wide" }""", "mine.json")
        );
        Assert.Equal("mine.json, centerCrop=wide", problem.Where);
        Assert.Contains("three lengths", problem.What);
    }

    [Fact]
    public void Fields_that_belong_together_may_be_set_in_any_order() =>
        Assert.Equal(
            new Recipe { BatchSize = 6, AccumulationSteps = 3 },
            RecipeText.Set(new Recipe(), "accumulationSteps=3", "batchSize=6")
        );

    [Fact]
    public void An_unknown_field_of_a_file_suggests_the_nearest()
    {
        var problem = Assert.Throws<ProblemException>(() =>
            RecipeText.Read("""{ "learningrates": 3 }""", "mine.json")
        );
        Assert.Contains("'learningrates'", problem.What);
        Assert.Contains("Did you mean 'learningRate'?", problem.Fix);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{ "epoch": 3 }""")]
    [InlineData("""{ "epochs": "three" }""")]
    [InlineData("""{ "epochs": 0 }""")]
    [InlineData("""{ "epochs": 2.5 }""")]
    [InlineData("""{ "loss": 3 }""")]
    [InlineData("""{ "patch": null }""")]
    public void Json_that_is_no_recipe_is_refused(string json) =>
        Assert.Equal(
            ExitCode.Usage,
            Assert.Throws<ProblemException>(() => RecipeText.Read(json, "mine.json")).Exit
        );
}
