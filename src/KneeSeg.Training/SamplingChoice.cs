using KneeSeg.Data.Augmenting;
using KneeSeg.Data.Patches;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>Patch sampling and augmentation of a recipe.</summary>
internal static class SamplingChoice
{
    /// <summary>Checks the recipe's values early.</summary>
    /// <exception cref="ProblemException">A value is unknown (exit 2).</exception>
    public static void Check(Recipe recipe) => _ = (Distribution(recipe), Augmentation(recipe));

    /// <summary>The distribution of patches that are not centered on foreground.</summary>
    public static CropDistribution Distribution(Recipe recipe) =>
        RecipeWord.Of<CropDistribution>("sampling", recipe.Sampling);

    /// <summary>The augmentation preset.</summary>
    public static Augmentation Augmentation(Recipe recipe) =>
        Data.Augmenting.Augmentation.Named.TryGetValue(recipe.Augmentation, out var named)
            ? named
            : throw RecipeWord.Unknown(
                "augmentation",
                recipe.Augmentation,
                [.. Data.Augmenting.Augmentation.Named.Keys]
            );
}
