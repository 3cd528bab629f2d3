using System.Globalization;
using KneeSeg.Data.Datasets;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;
using KneeSeg.Imaging.Formats;
using KneeSeg.Runs;

namespace KneeSeg.Training;

/// <summary>The preprocessing of a recipe.</summary>
internal static class PreprocessorChoice
{
    /// <summary>Parses a recipe's fields, without reading images.</summary>
    /// <returns>Creates the preprocessor for a dataset, whose median spacing is the default.</returns>
    /// <exception cref="ProblemException">A field is invalid (exit 2).</exception>
    public static Func<Dataset, Preprocessor> For(Recipe recipe)
    {
        var spacing = Lengths("spacing", recipe.Spacing, most: 100, "0.7x0.365x0.365");
        var crop = Lengths("crop", recipe.CenterCrop, most: 1000, "100x130x130");
        var intensity = RecipeWord.Of<NormalizationMethod>("intensity", recipe.Intensity);
        var interpolation = RecipeWord.Of<Interpolation>("interpolation", recipe.Interpolation);
        var labels = RecipeWord.Of<LabelInterpolation>("labels", recipe.LabelInterpolation);
        var overlaps = RecipeWord.Of<OverlapRule>("overlaps", recipe.Overlaps);
        return dataset => new Preprocessor(
            spacing ?? Preprocessor.SpacingFor(dataset),
            Intensity: intensity,
            Interpolation: interpolation,
            Crop: crop,
            Labels: labels,
            Overlaps: overlaps
        );
    }

    private static ModelSpacing? Lengths(string field, string text, double most, string example)
    {
        if (text is "")
            return null;
        var mm = Array.ConvertAll(
            text.Split('x'),
            part =>
                double.TryParse(
                    part,
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var value
                )
                && value > 0.01
                && value < most
                    ? value
                    : 0
        );
        return mm is [> 0, > 0, > 0]
            ? new ModelSpacing(mm[0], mm[1], mm[2])
            : throw new ProblemException(
                ExitCode.Usage,
                $"--set {field}={text}",
                "is not three lengths in mm",
                $"Write depth, height and width, such as {example}"
            );
    }
}
