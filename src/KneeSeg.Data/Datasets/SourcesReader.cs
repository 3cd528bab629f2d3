using KneeSeg.Imaging;

namespace KneeSeg.Data.Datasets;

/// <summary>Reads a <c>dataset.json</c> that lists other datasets as <c>sources</c> instead of cases.</summary>
internal static class SourcesReader
{
    /// <summary>Whether a manifest is such a list.</summary>
    public static bool IsOne(ManifestField root) => root.Find("sources") is not null;

    /// <summary>Reads the list and the datasets in it.</summary>
    /// <exception cref="ProblemException">A field or a dataset is invalid, or they contradict each other (exit 3).</exception>
    public static Dataset Read(ManifestField root, string folder)
    {
        root.AllowOnly("format", "name", "sources", "regions");
        NamedRegion[] regions = [.. ManifestReader.Regions(root)];
        Dataset[] parts =
        [
            .. root.Get("sources").Items().Select(source => Part(source, folder, regions)),
        ];
        if (parts is [])
            throw root.Get("sources").Fault("the list is empty", "Add a source");
        if (
            parts.GroupBy(part => part.Name).FirstOrDefault(same => same.Count() > 1) is
            { Key: var twice }
        )
            throw root.Get("sources")
                .Fault($"two sources are named \"{twice}\"", "Give each a \"name\" of its own");
        return DatasetUnion.Of(
            folder,
            root.Find("name")?.Text() ?? Path.GetFileName(folder),
            parts
        );
    }

    private static Dataset Part(ManifestField field, string folder, NamedRegion[] regions)
    {
        field.AllowOnly("name", "data", "rename");
        var path = Path.GetFullPath(field.Get("data").Text(), folder);
        var part = DatasetFolder.Read(path, mayHaveSources: false);
        return part with
        {
            Name = field.Find("name")?.Text() ?? part.Name,
            Profile = part.Profile with { Regions = [.. part.Profile.Regions, .. regions] },
            Renamed = field.Find("rename") is { } rename ? Renamed(part.Profile, rename) : null,
        };
    }

    private static string[] Renamed(LabelSchema profile, ManifestField rename)
    {
        rename.RequireObject();
        string[] labels = [.. profile.Labels];
        foreach (var property in rename.Value.EnumerateObject())
        {
            var at = profile.Labels.ToList().IndexOf(property.Name);
            if (at < 1)
                throw rename.Fault(
                    $"\"{property.Name}\" is not a label of the source",
                    $"Use {string.Join(", ", profile.Labels.Skip(1))}"
                );
            labels[at] = rename.Get(property.Name).Text();
        }
        return labels;
    }
}
