using System.Text.Json;
using System.Text.Json.Nodes;

namespace KneeSeg.Experiments;

/// <summary>What the rows of a sweep share that say nothing else, given beside its file.</summary>
/// <param name="Recipe">A recipe's name or file; null leaves it to the file.</param>
/// <param name="Patch">DxHxW; null likewise.</param>
/// <param name="Set">Fields of the recipe, each as <c>name=value</c>.</param>
/// <param name="Repeats">How often each row is trained; null likewise.</param>
public sealed record SweepOverrides(
    string? Recipe,
    string? Patch,
    IReadOnlyList<string> Set,
    int? Repeats
)
{
    /// <summary>The same as a sweep's file says it.</summary>
    internal JsonCursor Fields
    {
        get
        {
            var fields = new JsonObject();
            // A file lies beside the caller, not beside the sweep's.
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
                values[set[..at]] = set[(at + 1)..];
            else
                throw new ProblemException(
                    ExitCode.Usage,
                    $"--set {set}",
                    "is no field and value",
                    "Write it as stepsPerEpoch=20"
                );
        return values;
    }
}
