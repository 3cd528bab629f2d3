using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KneeSeg.Data.Datasets;

/// <summary>Writes manifests for <see cref="ManifestReader"/>: equal datasets give equal bytes.</summary>
internal static class ManifestWriter
{
    private static readonly JsonSerializerOptions Style = new()
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The manifest of a dataset, its paths relative to its folder.</summary>
    public static string Text(Dataset dataset)
    {
        var manifest = new
        {
            format = 1,
            name = dataset.Name,
            profile = dataset.Profile.Name,
            labels = dataset.Profile.Labels,
            ignore = dataset.Profile.Ignore,
            mirror = new
            {
                axes = dataset.Mirror.Axes.Select(Word),
                swap = dataset.Mirror.Swap.Select(pair => new int[] { pair.First, pair.Second }),
            },
            cases = dataset.Cases.Select(c => Case(c, dataset.Folder)),
        };
        return JsonSerializer.Serialize(manifest, Style) + "\n";
    }

    private static Dictionary<string, object> Case(DatasetCase dataCase, string folder)
    {
        string Relative(string path) =>
            Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
        var fields = new Dictionary<string, object>
        {
            ["id"] = dataCase.Id,
            ["subject"] = dataCase.Subject,
            ["side"] = Word(dataCase.Side),
            ["split"] = Word(dataCase.Split),
            ["image"] = Relative(dataCase.Image),
        };
        if (dataCase.Labels is { } labels)
            fields["labels"] = Relative(labels);
        if (dataCase.Spacing is { } spacing)
            fields["spacing"] = new[] { spacing.Depth, spacing.Height, spacing.Width };
        return fields;
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
