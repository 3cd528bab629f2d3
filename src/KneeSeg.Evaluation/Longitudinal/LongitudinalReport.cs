using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>Change over time and repeatability, region by region and knee by knee.</summary>
/// <param name="Measure">What was measured, such as <c>ThCtAB</c>.</param>
/// <param name="Regions">Each region by each reader.</param>
/// <param name="Agreement">Each region by each pair of readers; empty where there is one.</param>
/// <param name="Knees">Ordered values of each knee.</param>
/// <param name="Ranks">Ordered values over knees.</param>
/// <param name="Warnings">What is missing, in sentences.</param>
public sealed record LongitudinalReport(
    string Measure,
    IReadOnlyList<RegionStatistics> Regions,
    IReadOnlyList<ReaderAgreement> Agreement,
    IReadOnlyList<KneeOrder> Knees,
    IReadOnlyList<RankStatistics> Ranks,
    IReadOnlyList<string> Warnings
)
{
    private const int Format = 1;
    private static readonly JsonSerializerOptions Style = new(JsonStyle.Printed)
    {
        Converters = { new PairConverter() },
    };

    /// <summary>Computes everything. Regions and readers keep the order in which they first appear.</summary>
    /// <param name="measurements">At least one.</param>
    /// <param name="measure">What they are of.</param>
    public static LongitudinalReport Of(
        IReadOnlyList<Measurement> measurements,
        string measure = "value"
    )
    {
        var byRegion = measurements.GroupBy(one => one.Region).ToArray();
        RegionStatistics[] regions =
        [
            .. byRegion
                .SelectMany(region => region.GroupBy(one => (region.Key, one.Reader)))
                .AsParallel()
                .AsOrdered()
                .Select(one =>
                    RegionStatistics.Of(one.Key.Key, one.Key.Reader, [.. KneeSeries.Of(one)])
                ),
        ];
        KneeOrder[] knees = [.. KneeOrder.Of(regions)];
        return new(
            measure,
            regions,
            [.. byRegion.SelectMany(Agreements)],
            knees,
            [.. RankStatistics.Of(knees)],
            [.. Missing(measurements, regions)]
        );
    }

    /// <summary>As JSON; intervals are pairs of numbers, and what could not be computed is null with a reason.</summary>
    public string ToJson() =>
        new JsonObject
        {
            ["format"] = Format,
            ["measure"] = Measure,
            ["regions"] = Array(Regions, Fields),
            ["agreement"] = Array(Agreement, Fields),
            ["knees"] = Array(Knees, Fields),
            ["orderedValues"] = Array(Ranks, ranks => Fields(ranks)),
            ["warnings"] = JsonSerializer.SerializeToNode(Warnings, Style),
        }.ToJsonString(Style);

    /// <summary>A region's fields in JSON.</summary>
    public static JsonObject Fields(RegionStatistics one)
    {
        var fields = Fields(
            new
            {
                one.Region,
                one.Reader,
                one.N,
                one.RepeatVisit,
            },
            one.Repeats,
            new { one.RmsSdAllVisits, one.RmsSdAllVisitsDf },
            one.Change
        );
        fields["earlierVisits"] = Array(one.Visits.SkipLast(1), visit => Fields(visit));
        fields["reasons"] = Fields(one.Repeats.Reasons, one.Change.Reasons);
        return fields;
    }

    /// <summary>An agreement's fields in JSON.</summary>
    public static JsonObject Fields(ReaderAgreement one)
    {
        var fields = Fields(
            new
            {
                one.Region,
                one.First,
                one.Second,
                one.Of,
                N = one.Measures.NRepeats,
            },
            one.Measures
        );
        fields.Remove("nRepeats");
        fields.Remove("repeatScans");
        fields["reasons"] = Fields(one.Measures.Reasons);
        return fields;
    }

    private static JsonObject Fields(KneeOrder one)
    {
        var fields = Fields(
            new
            {
                one.Subject,
                one.Knee,
                one.Reader,
                one.Visit,
                one.Complete,
            },
            Fields(one.All)
        );
        fields["medial"] = one.Medial is { } medial ? Fields(medial) : null;
        fields["lateral"] = one.Lateral is { } lateral ? Fields(lateral) : null;
        return fields;
    }

    private static JsonObject Fields(OrderedValues one) =>
        Fields(
            new
            {
                OrderedValues = one.Values,
                OrderedRegions = one.Regions,
                one.ThinningScore,
                one.ThickeningScore,
            }
        );

    // The fields of several records as those of one.
    private static JsonObject Fields(params object[] parts) =>
        new(
            parts.SelectMany(part =>
                JsonSerializer
                    .SerializeToNode(part, Style)!
                    .AsObject()
                    .Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))
            )
        );

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonObject> of) =>
        new([.. items.Select(of)]);

    private static IEnumerable<ReaderAgreement> Agreements(IGrouping<string, Measurement> region)
    {
        Measurement[][] readers =
        [
            .. region.GroupBy(one => one.Reader).Select(reader => reader.ToArray()),
        ];
        return from first in readers.Index()
            from second in readers.Skip(first.Index + 1)
            from agreement in ReaderAgreement.Between(region.Key, first.Item, second)
            select agreement;
    }

    private static IEnumerable<string> Missing(
        IReadOnlyList<Measurement> measurements,
        IReadOnlyList<RegionStatistics> regions
    )
    {
        var knees = measurements.GroupBy(one => (one.Subject, one.Knee)).ToArray();
        string[] Named(Func<IGrouping<(string Subject, string Knee), Measurement>, bool> which) =>
            [.. knees.Where(which).Select(knee => $"{knee.Key.Subject} {knee.Key.Knee}")];
        string Of(string[] named) =>
            $"{named.Length} of {knees.Length} knees ({string.Join(", ", named.Take(5))}{(named.Length > 5 ? ", …" : "")})";
        if (Named(knee => knee.All(one => one.Visit > 0)) is { Length: > 0 } late)
            yield return $"{Of(late)} have no baseline (visit 0) and are left out of changes";
        foreach (
            var visit in measurements
                .Select(one => one.Visit)
                .Where(visit => visit > 0)
                .Distinct()
                .Order()
        )
            if (Named(knee => knee.All(one => one.Visit != visit)) is { Length: > 0 } without)
                yield return $"{Of(without)} have no visit {visit} and are left out of its changes";
        string[] partly =
        [
            .. regions.Where(one => one.N < knees.Length).Select(one => one.Region).Distinct(),
        ];
        if (partly.Length > 0)
            yield return $"not every knee has {string.Join(", ", partly)}";
        var untimed = regions
            .SelectMany(region => region.Changes)
            .Where(change => change.Years is null)
            .Select(change => (change.Subject, change.Knee))
            .Distinct()
            .Count();
        if (untimed > 0)
            yield return $"{untimed} of {knees.Length} knees have no years after the baseline and are left out of annual rates";
    }

    // Intervals as [low, high].
    private sealed class PairConverter : JsonConverter<Interval>
    {
        public override Interval Read(
            ref Utf8JsonReader reader,
            Type type,
            JsonSerializerOptions options
        ) => throw new NotSupportedException();

        public override void Write(
            Utf8JsonWriter writer,
            Interval value,
            JsonSerializerOptions options
        )
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(value.Low);
            writer.WriteNumberValue(value.High);
            writer.WriteEndArray();
        }
    }
}
