using System.Text.Json;
using KneeSeg.Bench;

Dictionary<string, Func<Ratio>> benches = new()
{
    ["precision"] = PrecisionBench.Run,
    ["family"] = FamilyBench.Run,
};

if (args is not [var name, ..] || !benches.TryGetValue(name, out var bench))
{
    Console.Error.WriteLine(
        $"usage: bench/run NAME [--json]   with one of: {string.Join(", ", benches.Keys)}"
    );
    return 2;
}
var ratio = bench();
Console.WriteLine(
    args.Contains("--json")
        ? JsonSerializer.Serialize(ratio, JsonSerializerOptions.Web)
        : $"{ratio.Name}: {ratio.Ours:0.000} s against {ratio.Peer:0.000} s, {ratio.Value:0.00} of it"
);
return 0;
