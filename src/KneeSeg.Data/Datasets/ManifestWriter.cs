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
            channels = dataset.Channels is [] ? null : dataset.Channels,
            cases = dataset.Cases.Select(c => Case(c, dataset)),
        };
        return JsonSerializer.Serialize(manifest, Style) + "\n";
    }

    private static Dictionary<string, object> Case(DatasetCase dataCase, Dataset dataset)
    {
        string Relative(string path) =>
            Path.GetRelativePath(dataset.Folder, path).Replace(Path.DirectorySeparatorChar, '/');
        var fields = new Dictionary<string, object>
        {
            ["id"] = dataCase.Id,
            ["subject"] = dataCase.Subject,
            ["side"] = Word(dataCase.Side),
            ["split"] = Word(dataCase.Split),
        };
        if (dataCase.OtherImages is [])
            fields["image"] = Relative(dataCase.Image);
        else
            fields["images"] = dataset
                .Channels.Zip(dataCase.Images)
                .ToDictionary(image => image.First, image => Relative(image.Second));
        if (dataCase.Labels is { } labels)
            fields["labels"] = Relative(labels);
        if (dataCase.Spacing is { } spacing)
            fields["spacing"] = new[] { spacing.Depth, spacing.Height, spacing.Width };
        return fields;
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
