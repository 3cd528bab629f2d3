using System.Text.Json.Nodes;

namespace KneeSeg.Runs;

/// <summary>How a dataset differs from when a run on it began, as far as training depends on it.</summary>
internal static class DatasetChanges
{
    // Further cases are only counted.
    private const int MaxNamed = 5;

    // Test cases take no part in training.
    private static readonly string[] Splits = ["train", "validation"];
    private const string Test = "test";

    /// <summary>A short description of every change; none if training would be the same.</summary>
    public static IReadOnlyList<string> Between(RunManifest before, RunManifest now)
    {
        List<string> changes = [];
        if (!before.Labels.SequenceEqual(now.Labels))
            changes.Add(
                $"the labels were {string.Join(", ", before.Labels)} and are now {string.Join(", ", now.Labels)}"
            );
        // Older runs do not record it.
        if (before.Mirror is not null && !JsonNode.DeepEquals(before.Mirror, now.Mirror))
            changes.Add("flip augmentation mirrors other axes or labels");
        if (before.Fingerprint == now.Fingerprint)
            return changes;
        changes.AddRange(Cases(before, now));
        changes.AddRange(Volumes(before, now));
        return changes is [] ? ["an image or its labels"] : changes;
    }

    private static IEnumerable<string> Cases(RunManifest before, RunManifest now)
    {
        string[] then = [.. Splits.SelectMany(split => In(before, split))];
        string[] here = [.. Splits.SelectMany(split => In(now, split))];
        string[] known = [.. then, .. In(before, Test)];
        if (Named(then.Except([.. here, .. In(now, Test)])) is { } removed)
            yield return $"{removed} removed";
        if (Named(here.Except(known)) is { } added)
            yield return $"{added} added";
        foreach (var split in (string[])[.. Splits, Test])
            if (Named(In(now, split).Intersect(known).Except(In(before, split))) is { } moved)
                yield return $"{moved} moved to {split}";
        if (
            Splits.All(split => In(before, split).Order().SequenceEqual(In(now, split).Order()))
            && !then.SequenceEqual(here)
        )
            yield return "the order of cases";
    }

    private static IEnumerable<string> Volumes(RunManifest before, RunManifest now)
    {
        if (!JsonNode.DeepEquals(before.Preprocessing, now.Preprocessing))
            // Every image is resampled to it.
            yield return $"the training images' median spacing was {Spacing(before)} mm and is now {Spacing(now)} mm";
        else if (before.Contents is { } then && now.Contents is { } here)
        {
            string[] both = [.. then.Keys.Where(here.ContainsKey)];
            if (Named(both.Where(id => then[id].Image != here[id].Image)) is { } images)
                yield return $"the image of {images}";
            if (Named(both.Where(id => then[id].Labels != here[id].Labels)) is { } labels)
                yield return $"the labels of {labels}";
        }
    }

    private static IReadOnlyList<string> In(RunManifest run, string split) =>
        run.Cases.GetValueOrDefault(split) ?? [];

    private static string Spacing(RunManifest run) =>
        string.Join('×', run.Preprocessing["spacing"]?.AsArray().Select(mm => $"{mm}") ?? ["?"]);

    private static string? Named(IEnumerable<string> cases)
    {
        string[] ids = [.. cases];
        return ids.Length switch
        {
            0 => null,
            1 => $"case {ids[0]}",
            <= MaxNamed => $"cases {string.Join(", ", ids)}",
            _ => $"cases {string.Join(", ", ids.Take(MaxNamed))} and {ids.Length - MaxNamed} more",
        };
    }
}
