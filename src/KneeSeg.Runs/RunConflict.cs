using System.Text.Json;
using System.Text.Json.Nodes;
using KneeSeg.Data.Datasets;
using KneeSeg.Imaging;

namespace KneeSeg.Runs;

/// <summary>Why an existing run can't be resumed with the requested settings.</summary>
/// <param name="What">The difference.</param>
/// <param name="Fix">What to do, without a full stop.</param>
public sealed record RunConflict(string What, string Fix)
{
    private const string AnotherRun = "Choose another --run, or rerun the command that started it";

    private const string AnotherDataset =
        "Restore the dataset to resume this run, or start a new one with another --run";

    /// <summary>The first conflict; null if the run can be resumed.</summary>
    /// <param name="existing">The run in the folder.</param>
    /// <param name="requested">The requested run.</param>
    public static RunConflict? Between(RunManifest existing, RunManifest requested)
    {
        if (existing.Network != requested.Network)
            return new(
                $"holds a run of {existing.Network}, not of {requested.Network}",
                AnotherRun
            );
        if (existing.Recipe != requested.Recipe)
            return new(
                $"holds a run with another recipe: {string.Join(", ", Fields(existing.Recipe, requested.Recipe))}",
                AnotherRun
            );
        string[] changes = [.. DatasetChanges.Between(existing, requested)];
        if (changes is not [])
            return new(
                $"the run's dataset '{existing.Data}' has changed since it began: {string.Join("; ", changes)}",
                AnotherDataset
            );
        return existing.Hash == requested.Hash
            ? null
            : new(
                $"holds a run of another network that is also named {existing.Network}",
                AnotherRun
            );
    }

    private static IEnumerable<string> Fields(Recipe existing, Recipe requested)
    {
        static JsonObject Json(Recipe recipe) =>
            JsonSerializer.SerializeToNode(recipe, RunJson.Style)!.AsObject();
        var (before, now) = (Json(existing), Json(requested));
        return from name in RecipeText.FieldNames
            where !JsonNode.DeepEquals(before[name], now[name])
            select $"{name} {Text(before[name])}, not {Text(now[name])}";
    }

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";
}

/// <summary>How a dataset differs from when a run on it began, as far as training depends on it.</summary>
internal static class DatasetChanges
{
    // Further cases are only counted.
    private const int MaxNamed = 5;

    // Test cases take no part in training.
    private static readonly Split[] Splits = [Split.Train, Split.Validation];

    /// <summary>A short description of every change; none if training would be the same.</summary>
    public static IReadOnlyList<string> Between(RunManifest before, RunManifest now)
    {
        List<string> changes = [];
        if (!before.Labels.SequenceEqual(now.Labels))
            changes.Add(
                $"the labels were {string.Join(", ", before.Labels)} and are now {string.Join(", ", now.Labels)}"
            );
        string[] channels = [.. before.Channels ?? []];
        if (!channels.SequenceEqual(now.Channels ?? []))
            changes.Add(
                $"the channels were {Listed(channels)} and are now {Listed(now.Channels ?? [])}"
            );
        // Older runs do not record it.
        if (before.Mirror is { } mirror && !IsSame(mirror, now.Mirror))
            changes.Add("flip augmentation mirrors other axes or labels");
        if (!IsSame(before.Sources ?? [], now.Sources ?? []))
            changes.Add("its sources label other structures, or number them differently");
        if (before.Fingerprint == now.Fingerprint)
            return changes;
        changes.AddRange(Cases(before, now));
        changes.AddRange(Volumes(before, now));
        return changes is [] ? ["an image or its labels"] : changes;
    }

    private static string Listed(IReadOnlyList<string> channels) =>
        channels is [] ? "unnamed" : string.Join(", ", channels);

    private static IEnumerable<string> Cases(RunManifest before, RunManifest now)
    {
        string[] then = [.. Splits.SelectMany(split => In(before, split))];
        string[] here = [.. Splits.SelectMany(split => In(now, split))];
        string[] known = [.. then, .. In(before, Split.Test)];
        if (Named(then.Except([.. here, .. In(now, Split.Test)])) is { } removed)
            yield return $"{removed} removed";
        if (Named(here.Except(known)) is { } added)
            yield return $"{added} added";
        foreach (var split in (Split[])[.. Splits, Split.Test])
            if (Named(In(now, split).Intersect(known).Except(In(before, split))) is { } moved)
                yield return $"{moved} moved to {split.ToString().ToLowerInvariant()}";
        if (
            Splits.All(split => In(before, split).Order().SequenceEqual(In(now, split).Order()))
            && !then.SequenceEqual(here)
        )
            yield return "the order of cases";
    }

    private static IEnumerable<string> Volumes(RunManifest before, RunManifest now)
    {
        if (before.Preprocessing != now.Preprocessing)
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

    private static bool IsSame(FlipAugmentation before, FlipAugmentation? now) =>
        now is not null
        && before.Axes.SequenceEqual(now.Axes)
        && before.Swap.SequenceEqual(now.Swap);

    private static bool IsSame(IReadOnlyList<LabelSource> before, IReadOnlyList<LabelSource> now) =>
        before.Count == now.Count && before.Zip(now).All(pair => pair.First.IsSame(pair.Second));

    private static IReadOnlyList<string> In(RunManifest run, Split split) =>
        run.Cases.GetValueOrDefault(split) ?? [];

    private static string Spacing(RunManifest run) =>
        run.Preprocessing.Spacing is var mm ? $"{mm.Depth}×{mm.Height}×{mm.Width}" : "";

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
