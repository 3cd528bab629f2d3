using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Runs;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>Reads a sweep file strictly: errors name their path in the file.</summary>
public sealed class SweepFile
{
    private static readonly string[] Shared = ["recipe", "set", "patch", "repeats", "seeds"];

    private readonly Func<string, IReadOnlyList<NetworkSpec>> networks;
    private readonly string folder;
    private readonly JsonCursor root;
    private readonly JsonCursor overrides;

    private SweepFile(
        Func<string, IReadOnlyList<NetworkSpec>> networks,
        string folder,
        JsonCursor root,
        JsonCursor overrides
    ) =>
        (this.networks, this.folder, this.root, this.overrides) = (
            networks,
            folder,
            root,
            overrides
        );

    /// <summary>Reads one.</summary>
    /// <param name="path">
    /// The file. Paths in it are relative to it. An <c>.fsx</c> script is a sweep of its networks.
    /// </param>
    /// <param name="overrides">Settings that replace those that the file gives for all rows.</param>
    /// <param name="networks">The networks of a spec; a script may have several, each a row.</param>
    /// <exception cref="ProblemException">
    /// It cannot be read (exit 3), a field is unknown or of the wrong type (exit 2), or a spec is invalid (exit 4).
    /// </exception>
    public static Sweep Read(
        string path,
        SweepOverrides overrides,
        Func<string, IReadOnlyList<NetworkSpec>> networks
    )
    {
        try
        {
            using var json = Path.GetExtension(path) is ".fsx"
                ? OfScript(path)
                : JsonDocument.Parse(File.ReadAllText(path));
            return new SweepFile(
                networks,
                Path.GetDirectoryName(Path.GetFullPath(path))!,
                new JsonCursor(path, json.RootElement),
                overrides.Fields
            ).Read();
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

    private static JsonDocument OfScript(string path) =>
        JsonSerializer.SerializeToDocument(
            new
            {
                name = Path.GetFileNameWithoutExtension(path),
                rows = new[] { new { spec = Path.GetFileName(path) } },
            }
        );

    private Sweep Read()
    {
        root.Object(["name", "phantoms", "rows", .. Shared]);
        SweepRow[] rows = [.. root.Need("rows").Items().SelectMany(Rows)];
        var twice = rows.GroupBy(row => row.Name).FirstOrDefault(same => same.Count() > 1);
        if (twice is not null)
            throw new ProblemException(
                ExitCode.Usage,
                twice.Last().Where,
                $"duplicate row name '{twice.Key}'",
                "Rename one of the rows"
            );
        return new(
            root.Need("name").Text(),
            root.Find("phantoms") is { } p ? Phantoms(p) : null,
            rows
        );
    }

    private static PhantomChoice Phantoms(JsonCursor field)
    {
        field.Object("count", "size", "seed");
        var size = field.Need("size");
        return
            PatchSize.Parse(size.Text())
                is { Depth: { } depth, Height: var height, Width: var width }
            ? new(
                (int)field.Need("count").Whole(3),
                new ModelSize(depth, height, width),
                field.Find("seed")?.Whole(0) ?? 1
            )
            : throw size.Problem("not a size", "Write depth, height and width, such as 24x48x48");
    }

    private IEnumerable<SweepRow> Rows(JsonCursor field)
    {
        field.Object(["spec", "name", .. Shared]);
        var spec = field.Need("spec");
        var meant = Meant(spec);
        var name = field.Find("name");
        if (name is { } given && meant.Count > 1)
            throw given.Problem(
                $"one name for {meant.Count} networks",
                "Remove the name: each row then has the name of its network"
            );
        var recipe = Recipe(field);
        var seeds = Seeds(field);
        return meant.Select(one => new SweepRow(
            name?.Text() ?? one.Name,
            one,
            recipe,
            seeds,
            field.Where
        ));
    }

    private IReadOnlyList<NetworkSpec> Meant(JsonCursor spec)
    {
        try
        {
            return networks(Beside(spec.Text()));
        }
        catch (SpecException e)
        {
            throw new ProblemException(
                e.IsUnknownName ? ExitCode.Usage : ExitCode.Spec,
                $"{spec.Where}, {e.Where}",
                e.What,
                e.Fix,
                e
            );
        }
    }

    // The row's own value, or else the one for all rows.
    private JsonCursor? Either(JsonCursor row, string name) =>
        row.Find(name) ?? overrides.Find(name) ?? root.Find(name);

    private Recipe Recipe(JsonCursor row)
    {
        var recipe = Either(row, "recipe") is { } field ? Named(field) : new Recipe();
        foreach (var place in new[] { root, overrides, row })
            if (place.Find("set") is { } set)
                recipe = Set(recipe, set);
        if (Either(row, "patch") is { } patch)
            recipe = Located(patch, () => RecipeText.Set(recipe, $"patch={patch.Text()}"));
        return recipe.Patch is null
            ? throw row.Problem(
                "missing field 'patch'",
                "Add a patch size, such as \"patch\": \"64x64x64\""
            )
            : recipe;
    }

    private Recipe Named(JsonCursor field)
    {
        if (field.Value.ValueKind == JsonValueKind.Object)
            return RecipeText.Read(field.Value.GetRawText(), field.Where);
        var name = field.Text();
        if (Recipes.Named.TryGetValue(name, out var known))
            return known;
        var file = Beside(name);
        return File.Exists(file)
            ? RecipeText.Read(File.ReadAllText(file), file)
            : throw field.Problem(
                $"no such recipe or file '{name}'",
                $"Use {string.Join(", ", Recipes.Named.Keys)}, a .json file, or fields in {{ … }}"
            );
    }

    private static Recipe Set(Recipe recipe, JsonCursor set)
    {
        // Seeds have their own field.
        set.Object(
            [.. RecipeText.FieldNames.Where(name => name is not "seed")],
            RecipeText.CurrentName
        );
        return Located(
            set,
            () =>
                RecipeText.Set(
                    recipe,
                    [.. set.Value.EnumerateObject().Select(one => $"{one.Name}={one.Value}")]
                )
        );
    }

    private static Recipe Located(JsonCursor field, Func<Recipe> read)
    {
        try
        {
            return read();
        }
        catch (ProblemException e)
        {
            throw new ProblemException(e.Exit, field.Where, $"{e.Where} {e.What}", e.Fix, e);
        }
    }

    private IReadOnlyList<long> Seeds(JsonCursor row)
    {
        var (repeats, seeds) = (Either(row, "repeats"), Either(row, "seeds"));
        if (seeds is null)
            return
            [
                .. Enumerable.Range(1, (int)(repeats?.Whole(1) ?? 1)).Select(seed => (long)seed),
            ];
        long[] given = [.. seeds.Value.Items().Select(seed => seed.Whole(0))];
        if (given.Distinct().Count() < given.Length)
            throw seeds.Value.Problem("duplicate seed", "Remove one: it would be the same run");
        return repeats is { } count && count.Whole(1) != given.Length
            ? throw count.Problem(
                $"{count.Whole(1)} repeats, but {given.Length} seeds",
                "Remove 'repeats', or give as many seeds"
            )
            : given;
    }

    // vnet+relative is a name; .fsx and .json files are relative to the sweep file.
    private string Beside(string name) =>
        Path.GetExtension(name) is ".fsx" or ".json" ? Path.Combine(folder, name) : name;
}
