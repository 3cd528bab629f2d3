using System.Text.Json;
using KneeSeg.Reports.Html;

namespace KneeSeg.Reports.Page;

/// <summary>The run's configuration: the short values of <c>run.json</c>, and the file itself.</summary>
internal static class RunSection
{
    public static Markup Draw(string run)
    {
        using var json = Parse(run);
        return Markup.Of(
            $"""
            <section id="run">
            <h2>Run configuration</h2>
            <dl class="facts">{Markup.Each(
                Leaves("", json.RootElement, depth: 0),
                leaf => Markup.Of($"<dt>{leaf.Name}</dt><dd>{leaf.Value}</dd>")
            )}</dl>
            <details><summary>Full run.json</summary><pre>{JsonSerializer.Serialize(
                json.RootElement,
                JsonStyle.Indented
            )}</pre></details>
            </section>
            """
        );
    }

    private static JsonDocument Parse(string run)
    {
        try
        {
            return JsonDocument.Parse(run);
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Data,
                "run.json",
                $"is not JSON ({e.Message.TrimEnd('.')})",
                "Restore the file from a backup of the run folder",
                e
            );
        }
    }

    // Short values down to the second level, without the spec, which has its own section.
    private static IEnumerable<(string Name, string Value)> Leaves(
        string name,
        JsonElement element,
        int depth
    ) =>
        element.ValueKind switch
        {
            JsonValueKind.Object when depth < 2 && name != "spec" => element
                .EnumerateObject()
                .SelectMany(field =>
                    Leaves(
                        name.Length == 0 ? field.Name : $"{name} · {field.Name}",
                        field.Value,
                        depth + 1
                    )
                ),
            JsonValueKind.Array when element.EnumerateArray().All(IsShort) =>
            [
                (name, string.Join(", ", element.EnumerateArray())),
            ],
            _ when IsShort(element) => [(name, element.ToString())],
            _ => [],
        };

    private static bool IsShort(JsonElement element) =>
        element.ValueKind
            is JsonValueKind.Number
                or JsonValueKind.String
                or JsonValueKind.True
                or JsonValueKind.False
        && element.GetRawText().Length <= 120;
}
