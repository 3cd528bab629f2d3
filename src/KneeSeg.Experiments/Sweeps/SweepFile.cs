using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KneeSeg.Runs;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>A sweep as its file has it. Networks are still names: who runs it says which networks they mean.</summary>
/// <param name="Name">The table's title.</param>
/// <param name="Phantoms">The synthetic dataset to generate if no data are given; null if the file describes none.</param>
/// <param name="Rows">In the file's order.</param>
public sealed record SweepFile(
    string Name,
    PhantomChoice? Phantoms,
    IReadOnlyList<SweepFileRow> Rows
)
{
    /// <summary>Reads one strictly: errors name their path in the file.</summary>
    /// <param name="path">
    /// The file. Paths in it are relative to it. An <c>.fsx</c> script is a sweep of its networks, also with variants.
    /// </param>
    /// <param name="overrides">Settings that replace those that the file gives for all rows.</param>
    /// <exception cref="ProblemException">
    /// It cannot be read (exit 3), or a field is unknown or of the wrong type (exit 2).
    /// </exception>
    public static SweepFile Read(string path, SweepOverrides overrides)
    {
        try
        {
            var name = Regex.Match(path, SpecName.Pattern);
            using var json = name.Groups["kind"].Value is "fsx"
                ? OfScript(path, name.Groups["file"].Value)
                : JsonDocument.Parse(File.ReadAllText(path));
            var (title, phantoms, rows) = new SweepFileReader(
                Path.GetDirectoryName(Path.GetFullPath(path))!,
                new JsonCursor(path, json.RootElement),
                overrides.Fields
            ).Read();
            return new(title, phantoms, rows);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"cannot be read ({e.Message.TrimEnd('.')})",
                "Check the path",
                e
            );
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Usage,
                path,
                $"not valid JSON ({e.Message.TrimEnd('.')})",
                "See docs/reference/sweep.md for the format",
                e
            );
        }
    }

    private static JsonDocument OfScript(string path, string file) =>
        File.Exists(file)
            ? JsonSerializer.SerializeToDocument(
                new
                {
                    name = Path.GetFileNameWithoutExtension(file),
                    rows = new[] { new { spec = Path.GetFileName(path) } },
                }
            )
            : throw new ProblemException(
                ExitCode.Data,
                Path.GetFullPath(file),
                "file not found",
                "Check the path"
            );
}

/// <summary>Settings from the command line for all rows of a sweep that have none of their own.</summary>
/// <param name="Recipe">A recipe's name or file; null to use the file's.</param>
/// <param name="Patch">DxHxW; null to use the file's.</param>
/// <param name="Set">Fields of the recipe, each as <c>name=value</c>.</param>
/// <param name="Repeats">Runs per row; null to use the file's.</param>
public sealed record SweepOverrides(
    string? Recipe,
    string? Patch,
    IReadOnlyList<string> Set,
    int? Repeats
)
{
    /// <summary>The settings as fields of a sweep file.</summary>
    internal JsonCursor Fields
    {
        get
        {
            var fields = new JsonObject();
            // A path is relative to the caller, not to the sweep file.
            if (Recipe is not null)
                fields["recipe"] = File.Exists(Recipe) ? Path.GetFullPath(Recipe) : Recipe;
            if (Patch is not null)
                fields["patch"] = Patch;
            if (Repeats is not null)
                fields["repeats"] = Repeats;
            if (Set.Count > 0)
                fields["set"] = Values();
            return new("the command line", JsonSerializer.SerializeToElement(fields));
        }
    }

    private JsonObject Values()
    {
        var values = new JsonObject();
        foreach (var set in Set)
            if (set.IndexOf('=') is > 0 and var at)
                values[RecipeText.CurrentName(set[..at])] = set[(at + 1)..];
            else
                throw new ProblemException(
                    ExitCode.Usage,
                    $"--set {set}",
                    "not an assignment",
                    "Write FIELD=VALUE, such as stepsPerEpoch=20"
                );
        return values;
    }
}
