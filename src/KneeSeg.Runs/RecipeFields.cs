using System.Globalization;
using System.Reflection;
using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Data.Preprocessing;
using KneeSeg.Imaging;

namespace KneeSeg.Runs;

/// <summary>A recipe's fields by name, and the text of their values: the same in JSON and on the command line.</summary>
internal static class RecipeFields
{
    /// <summary>All fields by their names, such as <c>stepsPerEpoch</c>.</summary>
    public static IReadOnlyDictionary<string, PropertyInfo> ByName { get; } =
        typeof(Recipe)
            .GetProperties()
            .Where(property => property.CanWrite)
            .ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));

    /// <summary>Names of earlier versions, which recipes may still use.</summary>
    private static readonly Dictionary<string, string> Aliases = new()
    {
        ["accumulate"] = "accumulationSteps",
        ["average"] = "emaDecay",
        ["batch"] = "batchSize",
        ["crop"] = "centerCrop",
        ["drop"] = "decayFactor",
        ["dropEvery"] = "decayEvery",
        ["foreground"] = "foregroundFraction",
        ["labels"] = "labelInterpolation",
        ["leastRate"] = "minLearningRate",
        ["optimiser"] = "optimizer",
        ["skipEmpty"] = "resampleEmpty",
    };

    /// <summary>Words of earlier versions.</summary>
    private static readonly Dictionary<string, string> WordAliases = new()
    {
        ["border-ce"] = "boundary-ce",
        ["centred"] = "centered",
        ["dice-border-ce"] = "dice-boundary-ce",
        ["frequency-ce"] = "frequency-weighted-ce",
        ["generalised-dice"] = "generalized-dice",
        ["mean-class-dice"] = "per-class-dice",
        ["overall-dice"] = "pooled-dice",
    };

    /// <summary>The current name of a field that may be given by an earlier one; any other name as it is.</summary>
    public static string CurrentName(string name) => Aliases.GetValueOrDefault(name, name);

    /// <summary>Whether the value is a word or a size, not a number or a switch.</summary>
    public static bool IsText(PropertyInfo field) => !field.PropertyType.IsPrimitive;

    /// <summary>A value from JSON.</summary>
    /// <param name="name">The field, by its current name.</param>
    /// <param name="json">The value.</param>
    /// <param name="where">Where it is, for errors.</param>
    /// <exception cref="JsonException">It has the wrong type.</exception>
    /// <exception cref="ProblemException">It is not one of the field's values (exit 2).</exception>
    public static object? Read(string name, JsonElement json, string where)
    {
        var field = ByName[name];
        try
        {
            if (json.Deserialize(IsText(field) ? typeof(string) : field.PropertyType) is { } value)
                return value is string text ? Parse(field, text, $"{where}, {name}={text}") : value;
        }
        catch (JsonException) { }
        throw new JsonException($"{name} has a value of the wrong type");
    }

    /// <summary>A word or a size, null where it is left empty; or a number or a switch.</summary>
    /// <exception cref="ProblemException">It is not one of the field's values (exit 2).</exception>
    /// <exception cref="FormatException">It is not a number or a switch.</exception>
    public static object? Parse(PropertyInfo field, string text, string where)
    {
        var type = Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType;
        if (type.IsPrimitive)
            return Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
        if (type.IsEnum)
            return Word([type], text, where);
        if (type == typeof(IntensityRules))
            return Intensity(text, where);
        if (text is "")
            return null;
        if (type == typeof(OutputLosses))
            return Outputs(text, where);
        if (type == typeof(PatchSize))
            return PatchSize.Parse(text)
                ?? throw Problem(
                    where,
                    "is not a size",
                    "Write depth, height and width, such as 48x96x96, or height and width, such as 96x96"
                );
        return field.Name == nameof(Recipe.Spacing)
            ? Lengths(text, most: 100, "0.7x0.365x0.365", where)
            : Lengths(text, most: 1000, "100x130x130", where);
    }

    /// <summary>A word or a size as <see cref="Parse"/> reads it.</summary>
    public static string Text(object? value) =>
        value switch
        {
            LossKind or DistanceLossKind => JsonNamingPolicy.KebabCaseLower.ConvertName($"{value}"),
            Enum word => JsonNamingPolicy.CamelCase.ConvertName($"{word}"),
            OutputLosses outputs => string.Join(", ", outputs.Each.Select(Text)),
            IntensityRules rules => string.Join(
                ", ",
                [
                    .. rules.Each.Select(one => $"{one.Channel}={Text(one.Rule)}"),
                    Text(rules.Default),
                ]
            ),
            ModelSpacing mm => $"{mm.Depth}x{mm.Height}x{mm.Width}",
            _ => $"{value}",
        };

    private static string Text(OutputLoss one) =>
        string.Join(
            '=',
            one.Output,
            string.Join(
                '*',
                new[]
                {
                    Text(one.Loss),
                    one.Weight?.ToString("R", CultureInfo.InvariantCulture) ?? "",
                }.Where(part => part is not "")
            )
        );

    private static IntensityRules Intensity(string text, string where)
    {
        List<NormalizationMethod> common = [];
        List<ChannelIntensity> each = [];
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
            if (part.Split('=', StringSplitOptions.TrimEntries) is [not "" and var name, var rule])
                each.Add(new(name, Rule(rule)));
            else
                common.Add(Rule(part));
        if (
            each.CountBy(one => one.Channel).FirstOrDefault(pair => pair.Value > 1) is
            { Key: { } twice }
        )
            throw Problem(where, $"has '{twice}' twice", "Keep one of the two");
        return common.Count <= 1
            ? new(common is [var only] ? only : new Recipe().Intensity.Default, each)
            : throw Problem(
                where,
                $"has {common.Count} rules without a channel",
                "Write one rule, or CHANNEL=RULE for each channel that differs, such as t2=zScore, percentiles"
            );

        NormalizationMethod Rule(string word) =>
            (NormalizationMethod)Word([typeof(NormalizationMethod)], word, where);
    }

    private static OutputLosses Outputs(string text, string where)
    {
        OutputLoss[] each = [.. text.Split(',').Select(one => Output(one, where))];
        return
            each.CountBy(one => one.Output).FirstOrDefault(pair => pair.Value > 1)
                is { Key: { } twice }
            ? throw Problem(where, $"has '{twice}' twice", "Keep one of the two")
            : new(each);
    }

    private static OutputLoss Output(string text, string where)
    {
        ProblemException Malformed() =>
            Problem(
                where,
                $"'{text.Trim()}' is not an output with a loss and a weight",
                "Write NAME=LOSS*WEIGHT, such as boundary=smooth-l1*0.5; LOSS or WEIGHT may be left out"
            );
        if (text.Split('=', StringSplitOptions.TrimEntries) is not [not "" and var name, var how])
            throw Malformed();
        double? Weight(string part) =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight)
                ? weight is >= 0 and < 1e6
                    ? weight
                    : throw Problem(where, $"{part} is not a weight", "Use 0 or more")
                : null;
        Enum Loss(string part) =>
            (Enum)Word([typeof(LossKind), typeof(DistanceLossKind)], part, where);
        return how.Split('*', StringSplitOptions.TrimEntries) switch
        {
            [not "" and var only] => Weight(only) is { } weight
                ? new(name, null, weight)
                : new(name, Loss(only), null),
            [not "" and var loss, var part] => new(
                name,
                Loss(loss),
                Weight(part) ?? throw Malformed()
            ),
            _ => throw Malformed(),
        };
    }

    private static object Word(Type[] types, string text, string where)
    {
        var known = types
            .SelectMany(type => Enum.GetValues(type).Cast<object>())
            .ToDictionary(Text);
        var current = WordAliases.GetValueOrDefault(text, text);
        return known
                .FirstOrDefault(word =>
                    word.Key.Equals(current, StringComparison.OrdinalIgnoreCase)
                )
                .Value
            ?? throw Problem(
                where,
                "is not a known value",
                $"Did you mean {Suggestion.Nearest(known.Keys, current)}? Known values are {string.Join(", ", known.Keys)}"
            );
    }

    private static ModelSpacing Lengths(string text, double most, string example, string where)
    {
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
        return mm is [> 0 and var depth, > 0 and var height, > 0 and var width]
            ? new(depth, height, width)
            : throw Problem(
                where,
                "is not three lengths in mm",
                $"Write depth, height and width, such as {example}"
            );
    }

    private static ProblemException Problem(string where, string what, string fix) =>
        new(ExitCode.Usage, where, what, fix);
}
