using System.Reflection;
using System.Text.Json;

namespace KneeSeg.Runs;

/// <summary>Recipes as JSON, and as FIELD=VALUE assignments on the command line.</summary>
public static class RecipeText
{
    /// <summary>The names of all fields, such as <c>stepsPerEpoch</c>.</summary>
    public static IReadOnlyCollection<string> FieldNames { get; } = [.. RecipeFields.ByName.Keys];

    /// <summary>The current name of a field that may be given by an earlier one; any other name as it is.</summary>
    public static string CurrentName(string name) => RecipeFields.CurrentName(name);

    /// <summary>The recipe as JSON.</summary>
    public static string Write(Recipe recipe) => JsonSerializer.Serialize(recipe, RunJson.Style);

    /// <summary>Reads a recipe; fields that are not there keep their defaults.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">Its name in error messages, such as the file's path.</param>
    /// <exception cref="ProblemException">It is not valid JSON, or has an unknown or invalid field (exit 2).</exception>
    public static Recipe Read(string json, string where)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException("it is not an object");
            var recipe = new Recipe();
            HashSet<string> set = [];
            foreach (var field in document.RootElement.EnumerateObject())
            {
                var name = CurrentName(field.Name);
                var property = Field(field.Name, where);
                if (!set.Add(name))
                    throw Problem(where, $"sets '{name}' twice", "Keep one of the two");
                property.SetValue(recipe, RecipeFields.Read(name, field.Value, where));
            }
            return Checked(recipe, where);
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Usage,
                where,
                $"is not a recipe ({e.Message.TrimEnd('.')})",
                "See docs/reference/recipe.md for the fields and their values",
                e
            );
        }
    }

    /// <summary>The recipe with fields changed.</summary>
    /// <param name="recipe">The recipe before.</param>
    /// <param name="assignments">Such as <c>stepsPerEpoch=20</c>; they are checked together.</param>
    /// <exception cref="ProblemException">An unknown field or an invalid value (exit 2).</exception>
    public static Recipe Set(Recipe recipe, params IReadOnlyCollection<string> assignments)
    {
        var copy = recipe with { };
        foreach (var assignment in assignments)
            Assign(copy, assignment);
        return Checked(copy, string.Join(' ', assignments.Select(one => $"--set {one}")));
    }

    private static void Assign(Recipe recipe, string assignment)
    {
        var where = $"--set {assignment}";
        if (assignment.Split('=', 2) is not [var name, var value])
            throw Problem(where, "is not an assignment", "Write --set FIELD=VALUE");
        var field = Field(name, where);
        // --patch is short for it.
        if (name is "patch")
            where = $"--patch {value}";
        try
        {
            field.SetValue(recipe, RecipeFields.Parse(field, value, where));
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            var kind = field.PropertyType == typeof(bool) ? "true or false" : "a number";
            throw Problem(
                where,
                $"'{value}' is not {kind}",
                $"Write --set {name}={field.GetValue(new Recipe())}"
            );
        }
    }

    private static PropertyInfo Field(string name, string where) =>
        RecipeFields.ByName.GetValueOrDefault(CurrentName(name)) ?? throw Unknown(where, name);

    private static ProblemException Unknown(string where, string name) =>
        Problem(
            where,
            $"a recipe has no field '{name}'",
            $"{Suggestion.DidYouMean(FieldNames, name)} The fields are {string.Join(", ", FieldNames)}"
        );

    private static Recipe Checked(Recipe recipe, string where)
    {
        (bool Holds, string What)[] rules =
        [
            (recipe.Epochs >= 1, "epochs must be at least 1"),
            (recipe.StepsPerEpoch >= 1, "stepsPerEpoch must be at least 1"),
            (recipe.BatchSize >= 1, "batchSize must be at least 1"),
            (recipe.Slices >= 1 && recipe.Slices % 2 == 1, "slices must be an odd number"),
            (recipe.LearningRate is > 0 and < 1e3, "learningRate must be above 0"),
            (recipe.Warmup >= 0, "warmup must not be negative"),
            (recipe.DecayFactor is > 0 and <= 1, "decayFactor must be between 0 and 1"),
            (recipe.DecayEvery >= 1, "decayEvery must be at least 1"),
            (recipe.MinLearningRate is >= 0 and < 1e3, "minLearningRate must not be negative"),
            (recipe.Momentum is >= 0 and < 1, "momentum must be between 0 and 1"),
            (recipe.InputNoise is >= 0 and < 100, "inputNoise must not be negative"),
            (
                recipe.AccumulationSteps >= 1
                    && recipe.BatchSize % Math.Max(1, recipe.AccumulationSteps) == 0,
                "accumulationSteps must divide batchSize"
            ),
            (recipe.EmaDecay is >= 0 and < 1, "emaDecay must be between 0 and 1"),
            (recipe.WeightDecay is >= 0 and < 1e3, "weightDecay must not be negative"),
            (recipe.GradientClip > 0, "gradientClip must be above 0"),
            (
                recipe.ForegroundFraction is >= 0 and <= 1,
                "foregroundFraction must be between 0 and 1"
            ),
            (recipe.Synthetic is >= 0 and <= 1, "synthetic must be between 0 and 1"),
            (recipe.ValidateEvery >= 1, "validateEvery must be at least 1"),
            (
                recipe.ValidationShare is > 0 and <= 1,
                "validationShare must be above 0 and at most 1"
            ),
        ];
        var broken = rules.Where(rule => !rule.Holds).Select(rule => rule.What).ToArray();
        return broken is []
            ? recipe
            : throw Problem(
                where,
                $"is out of range: {string.Join(", ", broken)}",
                "Choose values within the range"
            );
    }

    private static ProblemException Problem(string where, string what, string fix) =>
        new(ExitCode.Usage, where, what, fix);
}
