using System.Text.Json;
using KneeSeg.Data;
using KneeSeg.Dsl;
using KneeSeg.Runs;

namespace KneeSeg.Experiments;

/// <summary>Reads a sweep's file, strictly: a mistake is named by its path in the file.</summary>
public sealed class SweepFile
{
    private static readonly string[] Shared = ["recipe", "set", "patch", "repeats", "seeds"];

    private readonly Func<string, IReadOnlyList<NetworkSpec>> networks;
    private readonly string folder;
    private readonly JsonCursor root;
    private readonly JsonCursor share;

    private SweepFile(
        Func<string, IReadOnlyList<NetworkSpec>> networks,
        string folder,
        JsonCursor root,
        JsonCursor share
    ) => (this.networks, this.folder, this.root, this.share) = (networks, folder, root, share);

    /// <summary>Reads one.</summary>
    /// <param name="path">
    /// The file. Specs and recipes in it that are files lie relative to it. An <c>.fsx</c> script is a sweep of its networks.
    /// </param>
    /// <param name="share">What rows that say nothing else share, whatever the file says.</param>
    /// <param name="networks">The networks that a spec means; a script may have several, each a row.</param>
    /// <exception cref="ProblemException">
    /// It can't be read (exit 3), something in it is not known or of the wrong kind (exit 2), or a spec can't be read
    /// (exit 4).
    /// </exception>
    public static Sweep Read(
        string path,
        SweepOverrides share,
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
                share.Fields
            ).Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ExitCode.Data,
                path,
                $"can't be read ({e.Message.TrimEnd('.')})",
                "Check the path",
                e
            );
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                ExitCode.Usage,
                path,
                $"is no JSON ({e.Message.TrimEnd('.')})",
                "docs/reference/sweep.md shows one",
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
                $"there is a row '{twice.Key}' already",
                "Give it another name"
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
            size.Text().Split('x').Select(text => int.TryParse(text, out var n) ? n : 0).ToArray()
                is [> 0 and var depth, > 0 and var height, > 0 and var width]
            ? new(
                (int)field.Need("count").Whole(3),
                new ModelSize(depth, height, width),
                field.Find("seed")?.Whole(0) ?? 1
            )
            : throw size.Problem("is no size", "Write depth, height and width, such as 24x48x48");
    }

    private IEnumerable<SweepRow> Rows(JsonCursor field)
    {
        field.Object(["spec", "name", .. Shared]);
        var spec = field.Need("spec");
        var meant = Meant(spec);
        var name = field.Find("name");
        if (name is { } given && meant.Count > 1)
            throw given.Problem(
                $"names {meant.Count} networks at once",
                "Leave the name out: each row is then called as its network"
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

    // The row's own, else the one that all rows share.
    private JsonCursor? Either(JsonCursor row, string name) =>
        row.Find(name) ?? share.Find(name) ?? root.Find(name);

    private Recipe Recipe(JsonCursor row)
    {
        var recipe = Either(row, "recipe") is { } field ? Named(field) : new Recipe();
        foreach (var place in new[] { root, share, row })
            if (place.Find("set") is { } set)
                recipe = Set(recipe, set);
        if (Either(row, "patch") is { } patch)
            recipe = Located(patch, () => RecipeText.Set(recipe, $"patch={patch.Text()}"));
        return recipe.Patch is ""
            ? throw row.Problem("has no 'patch'", "Give its input, such as \"patch\": \"64x64x64\"")
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
                $"there is no recipe or file '{name}'",
                $"Use {string.Join(", ", Recipes.Named.Keys)}, a .json file, or fields in {{ … }}"
            );
    }

    private static Recipe Set(Recipe recipe, JsonCursor set)
    {
        // Seeds have a field of their own.
        set.Object([.. RecipeText.FieldNames.Where(name => name is not "seed")]);
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
            throw seeds.Value.Problem(
                "has a seed twice",
                "Leave one out: it would be the same run"
            );
        return repeats is { } wanted && wanted.Whole(1) != given.Length
            ? throw wanted.Problem(
                $"asks for {wanted.Whole(1)} repeats, and there are {given.Length} seeds",
                "Leave 'repeats' out, or give as many seeds"
            )
            : given;
    }

    // A name such as vnet+relative is no file; what ends in .fsx or .json lies beside the sweep's file.
    private string Beside(string name) =>
        Path.GetExtension(name) is ".fsx" or ".json" ? Path.Combine(folder, name) : name;
}
