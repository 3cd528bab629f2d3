using System.Text.Json;
using System.Text.Json.Nodes;
using KneeSeg.Runs;

namespace KneeSeg.Experiments.Sweeps;

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
