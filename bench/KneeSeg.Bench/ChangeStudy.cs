using System.Text.Json;
using static System.FormattableString;

namespace KneeSeg.Bench;

/// <summary>
/// How exactly a change of thickness is measured on generated pairs of known change, from reference labels and from those of a
/// network, and how much Dice tells about it. <c>bench/change.sh</c> makes what it reads.
/// </summary>
internal static class ChangeStudy
{
    /// <param name="folder">
    /// Has <c>pairs/truth.json</c>, <c>measurements.json</c> in <c>reference</c> and <c>predicted</c>, and
    /// <c>evaluated/evaluation.json</c>.
    /// </param>
    public static void Run(string folder)
    {
        var truth = Thicknesses(folder, "pairs/truth.json");
        var reference = Thicknesses(folder, "reference/measurements.json");
        var predicted = Thicknesses(folder, "predicted/measurements.json");
        var subjects = Subjects(folder);
        Console.WriteLine(
            "| region | pairs | true change | reference: bias | SD | SDC | network: bias | SD | SDC | r |"
        );
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var region in truth.Keys.Select(key => key.Region).Distinct())
        {
            var changes = subjects
                .Select(pair => new PairChange(
                    Change(truth, region, pair),
                    Change(reference, region, pair),
                    Change(predicted, region, pair)
                ))
                .Where(change =>
                    change is { True: not null, Reference: not null, Network: not null }
                )
                .ToArray();
            if (changes is [])
                continue;
            double[] Error(Func<PairChange, double?> of) =>
                [.. changes.Select(change => of(change)!.Value - change.True!.Value)];
            double[] real = [.. changes.Select(change => change.True!.Value)];
            double[] found = [.. changes.Select(change => change.Network!.Value)];
            Console.WriteLine(
                Invariant(
                    $"| {region} | {changes.Length} | {real.Average():0.000} ± {Sd(real):0.000} | {Row(Error(change => change.Reference))} | {Row(Error(change => change.Network))} | {Correlation(real, found):0.00} |"
                )
            );
        }
        Console.WriteLine();
        WriteDice(folder, truth, predicted, subjects);
    }

    // Whether cases of a higher Dice have smaller errors.
    private static void WriteDice(
        string folder,
        Dictionary<(string Case, string Region), double> truth,
        Dictionary<(string Case, string Region), double> predicted,
        IReadOnlyList<Pair> pairs
    )
    {
        Console.WriteLine(
            "| plate | Dice | thickness error | change error | r of Dice and thickness error | r of Dice and change error |"
        );
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var plate in Dices(folder).GroupBy(one => one.Plate))
        {
            var dice = plate.ToDictionary(one => one.Case, one => one.Dice);
            double Error(string at) =>
                Math.Abs(predicted[(at, plate.Key)] - truth[(at, plate.Key)]);
            Pair[] whole =
            [
                .. pairs.Where(pair =>
                    new[] { pair.First, pair.Second }.All(one =>
                        dice.ContainsKey(one)
                        && truth.ContainsKey((one, plate.Key))
                        && predicted.ContainsKey((one, plate.Key))
                    )
                ),
            ];
            if (whole is [])
                continue;
            string[] cases = [.. whole.SelectMany(pair => new[] { pair.First, pair.Second })];
            double[] ofCases = [.. cases.Select(one => dice[one])];
            double[] ofPairs =
            [
                .. whole.Select(pair => (dice[pair.First] + dice[pair.Second]) / 2),
            ];
            double[] thickness = [.. cases.Select(Error)];
            double[] change =
            [
                .. whole.Select(pair =>
                    Math.Abs(
                        Change(predicted, plate.Key, pair)!.Value
                            - Change(truth, plate.Key, pair)!.Value
                    )
                ),
            ];
            Console.WriteLine(
                Invariant(
                    $"| {plate.Key} | {ofCases.Average():0.000} ± {Sd(ofCases):0.000} | {thickness.Average():0.000} | {change.Average():0.000} | {Correlation(ofCases, thickness):0.00} | {Correlation(ofPairs, change):0.00} |"
                )
            );
        }
    }

    private static double? Change(
        Dictionary<(string Case, string Region), double> thickness,
        string region,
        Pair pair
    ) =>
        thickness.TryGetValue((pair.First, region), out var first)
        && thickness.TryGetValue((pair.Second, region), out var second)
            ? second - first
            : null;

    // ThCtAB by case and region; a plate's own by its name.
    private static Dictionary<(string Case, string Region), double> Thicknesses(
        string folder,
        string file
    )
    {
        Dictionary<(string, string), double> all = [];
        foreach (var one in Cases(folder, file))
        {
            void Add(JsonElement region, string name)
            {
                if (region.GetProperty("ThCtAB") is { ValueKind: JsonValueKind.Number } value)
                    all.Add((Text(one, "id"), name), value.GetDouble());
            }
            foreach (var label in one.GetProperty("labels").EnumerateArray())
            foreach (var region in Regions(label.GetProperty("morphometry"), "regions"))
                Add(
                    region,
                    Text(region, "region") is var name && name == "whole"
                        ? Text(label, "name")
                        : name
                );
            foreach (var composite in Regions(one, "composites"))
                Add(composite, Text(composite, "region"));
        }
        return all;
    }

    private static Pair[] Subjects(string folder) =>
        [
            .. Cases(folder, "pairs/truth.json")
                .Where(one => one.GetProperty("scan").GetInt32() == 1)
                .GroupBy(one => Text(one, "subject"))
                .Select(visits =>
                    visits.OrderBy(one => one.GetProperty("visit").GetInt32()).ToArray()
                )
                .Select(visits => new Pair(Text(visits[0], "id"), Text(visits[^1], "id"))),
        ];

    private static IEnumerable<(string Case, string Plate, double Dice)> Dices(string folder) =>
        from one in Cases(folder, "evaluated/evaluation.json")
        from label in one.GetProperty("labels").EnumerateArray()
        where label.GetProperty("dice").ValueKind == JsonValueKind.Number
        select (Text(one, "id"), Text(label, "name"), label.GetProperty("dice").GetDouble());

    private static IEnumerable<JsonElement> Cases(string folder, string file) =>
        JsonDocument
            .Parse(File.ReadAllText(Path.Combine(folder, file)))
            .RootElement.GetProperty("cases")
            .EnumerateArray();

    private static IEnumerable<JsonElement> Regions(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var regions) ? regions.EnumerateArray() : [];

    private static string Text(JsonElement parent, string name) =>
        parent.GetProperty(name).GetString()!;

    // The smallest detectable change is that of the error, at 95 %.
    private static string Row(double[] errors) =>
        Invariant($"{errors.Average():0.000} | {Sd(errors):0.000} | {1.96 * Sd(errors):0.000}");

    private static double Sd(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(
            values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)
        );
    }

    private static double Correlation(double[] x, double[] y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum() / (x.Length - 1) / Sd(x) / Sd(y);
    }

    private sealed record Pair(string First, string Second);

    private sealed record PairChange(double? True, double? Reference, double? Network);
}
