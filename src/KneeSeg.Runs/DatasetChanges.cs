using System.Text.Json.Nodes;

namespace KneeSeg.Runs;

/// <summary>In what a dataset differs from what it was when a run on it began, as far as training depends on it.</summary>
internal static class DatasetChanges
{
    // More are counted, not named.
    private const int MostNamed = 5;

    // Cases for testing take no part in training.
    private static readonly string[] Splits = ["train", "validation"];
    private const string Test = "test";

    /// <summary>Every change in a few words; none where training would be the same.</summary>
    public static IReadOnlyList<string> Between(RunManifest before, RunManifest now)
    {
        List<string> changes = [];
        if (!before.Labels.SequenceEqual(now.Labels))
            changes.Add(
                $"the labels were {string.Join(", ", before.Labels)}, and are {string.Join(", ", now.Labels)}"
            );
        // Older runs do not say.
        if (before.Mirror is not null && !JsonNode.DeepEquals(before.Mirror, now.Mirror))
            changes.Add("images may be mirrored otherwise");
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
            yield return "another order of cases";
    }

    private static IEnumerable<string> Volumes(RunManifest before, RunManifest now)
    {
        if (!JsonNode.DeepEquals(before.Preprocessing, now.Preprocessing))
            // Which makes other volumes of all images.
            yield return $"the training images' median spacing was {Spacing(before)} mm, and is {Spacing(now)} mm";
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
            <= MostNamed => $"cases {string.Join(", ", ids)}",
            _ =>
                $"cases {string.Join(", ", ids.Take(MostNamed))} and {ids.Length - MostNamed} more",
        };
    }
}
