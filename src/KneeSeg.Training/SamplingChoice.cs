using KneeSeg.Data;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>How a recipe says that patches are drawn and changed.</summary>
internal static class SamplingChoice
{
    /// <summary>Reads what can be wrong, before long work starts.</summary>
    /// <exception cref="ProblemException">A word is unknown (exit 2).</exception>
    public static void Check(Recipe recipe) => _ = (Law(recipe), Augmentation(recipe));

    /// <summary>Where patches start that are not laid around a structure.</summary>
    public static CropDistribution Law(Recipe recipe) =>
        RecipeWord.Of<CropDistribution>("sampling", recipe.Sampling);

    /// <summary>How patches are changed.</summary>
    public static Augmentation Augmentation(Recipe recipe) =>
        Data.Augmentation.Named.TryGetValue(recipe.Augmentation, out var named)
            ? named
            : throw RecipeWord.Unknown(
                "augmentation",
                recipe.Augmentation,
                [.. Data.Augmentation.Named.Keys]
            );
}
