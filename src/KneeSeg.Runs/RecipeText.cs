using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace KneeSeg.Runs;

/// <summary>Recipes as JSON, and their fields set one by one as a command line has them.</summary>
public static class RecipeText
{
    private static readonly PropertyInfo[] Fields =
    [
        .. typeof(Recipe).GetProperties().Where(property => property.CanWrite),
    ];

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    };

    /// <summary>The names of all fields, such as <c>stepsPerEpoch</c>.</summary>
    public static IReadOnlyList<string> FieldNames { get; } = [.. Fields.Select(Name)];

    /// <summary>The recipe as JSON.</summary>
    public static string Write(Recipe recipe) => JsonSerializer.Serialize(recipe, Options);

    /// <summary>Reads a recipe; fields that are not there keep their defaults.</summary>
    /// <param name="json">The text.</param>
    /// <param name="where">What it is called in a problem, such as the file's name.</param>
    /// <exception cref="ProblemException">It is no JSON, or has an unknown or wrong field (exit 2).</exception>
    public static Recipe Read(string json, string where)
    {
        try
        {
            foreach (var name in Names(json))
                if (!FieldNames.Contains(name))
                    throw Unknown(where, name);
            var recipe = JsonSerializer.Deserialize<Recipe>(json, Options);
            return Checked(recipe ?? throw new JsonException("it is empty"), where);
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Usage,
                where,
                $"is no recipe ({(e.Path is ['$', '.', .. var field] ? $"{field} has not its kind of value" : e.Message.TrimEnd('.'))})",
                "docs/training.md tells the fields and their values",
                e
            );
        }
    }

    /// <summary>The recipe with fields changed.</summary>
    /// <param name="recipe">The recipe before.</param>
    /// <param name="assignments">Such as <c>stepsPerEpoch=20</c>; they are checked together.</param>
    /// <exception cref="ProblemException">No field has this name, or a value does not suit it (exit 2).</exception>
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
            throw Problem(where, "is no assignment", "Write --set FIELD=VALUE");
        var field =
            Fields.FirstOrDefault(field => Name(field) == name) ?? throw Unknown(where, name);
        try
        {
            field.SetValue(
                recipe,
                Convert.ChangeType(value, field.PropertyType, CultureInfo.InvariantCulture)
            );
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
        {
            var kind = field.PropertyType == typeof(bool) ? "true or false" : "a number";
            throw Problem(
                where,
                $"'{value}' is not {kind}",
                $"Write --set {name}={field.GetValue(new Recipe())}"
            );
        }
    }

    private static string[] Names(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? [.. document.RootElement.EnumerateObject().Select(field => field.Name)]
            : throw new JsonException("it is no object");
    }

    private static ProblemException Unknown(string where, string name) =>
        Problem(
            where,
            $"a recipe has no field '{name}'",
            $"Did you mean '{FieldNames.MinBy(known => EditDistance.Of(known, name))}'? "
                + $"There are {string.Join(", ", FieldNames)}"
        );

    private static Recipe Checked(Recipe recipe, string where)
    {
        (bool Holds, string What)[] rules =
        [
            (recipe.Epochs >= 1, "epochs start at 1"),
            (recipe.StepsPerEpoch >= 1, "stepsPerEpoch starts at 1"),
            (recipe.Batch >= 1, "batch starts at 1"),
            (recipe.LearningRate is > 0 and < 1e3, "learningRate is a number above 0"),
            (recipe.Warmup >= 0, "warmup starts at 0"),
            (recipe.Drop is > 0 and <= 1, "drop lies between 0 and 1"),
            (recipe.DropEvery >= 1, "dropEvery starts at 1"),
            (recipe.LeastRate is >= 0 and < 1e3, "leastRate starts at 0"),
            (recipe.Momentum is >= 0 and < 1, "momentum lies between 0 and 1"),
            (recipe.InputNoise is >= 0 and < 100, "inputNoise starts at 0"),
            (
                recipe.Accumulate >= 1 && recipe.Batch % Math.Max(1, recipe.Accumulate) == 0,
                "accumulate divides batch"
            ),
            (recipe.Average is >= 0 and < 1, "average lies between 0 and 1"),
            (recipe.WeightDecay is >= 0 and < 1e3, "weightDecay starts at 0"),
            (recipe.GradientClip > 0, "gradientClip is a number above 0"),
            (recipe.Foreground is >= 0 and <= 1, "foreground lies between 0 and 1"),
            (recipe.ValidateEvery >= 1, "validateEvery starts at 1"),
        ];
        var broken = rules.Where(rule => !rule.Holds).Select(rule => rule.What).ToArray();
        return broken is []
            ? recipe
            : throw Problem(
                where,
                $"a recipe's {string.Join(", ", broken)}",
                "Choose a value in that range"
            );
    }

    private static string Name(PropertyInfo field) =>
        JsonNamingPolicy.CamelCase.ConvertName(field.Name);

    private static ProblemException Problem(string where, string what, string fix) =>
        new(ExitCode.Usage, where, what, fix);
}
