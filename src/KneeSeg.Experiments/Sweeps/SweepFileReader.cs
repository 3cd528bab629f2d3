using System.Text.Json;
using System.Text.RegularExpressions;
using KneeSeg.Data;
using KneeSeg.Data.Phantoms;
using KneeSeg.Runs;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>The fields of a sweep file, read strictly.</summary>
/// <param name="folder">The file's folder: paths in it are relative to it.</param>
/// <param name="root">The file's content.</param>
/// <param name="overrides">Settings for all rows, in place of the file's.</param>
internal sealed class SweepFileReader(string folder, JsonCursor root, JsonCursor overrides)
{
    private static readonly string[] Shared = ["recipe", "set", "patch", "repeats", "seeds"];

    public (string Name, PhantomChoice? Phantoms, SweepFileRow[] Rows) Read()
    {
        root.Object(["name", "phantoms", "recipes", "rows", .. Shared]);
        SweepFileRow[] rows = [.. root.Need("rows").Items().SelectMany(Rows)];
        return (
            root.Need("name").Text(),
            root.Find("phantoms") is { } p ? Phantoms(p) : null,
            rows
        );
    }

    private static PhantomChoice Phantoms(JsonCursor field)
    {
        field.Object("count", "size", "seed", "contrast", "sources");
        var size = field.Need("size");
        return
            PatchSize.Parse(size.Text())
                is { Depth: { } depth, Height: var height, Width: var width }
            ? new(
                (int)field.Need("count").Whole(3),
                new ModelSize(depth, height, width),
                field.Find("seed")?.Whole(0) ?? 1
            )
            {
                Contrast = Contrast(field),
                Sources = field.Find("sources") is { } sources ? [.. Sources(sources)] : [],
            }
            : throw size.Problem("not a size", "Write depth, height and width, such as 24x48x48");
    }

    private static IEnumerable<PhantomSource> Sources(JsonCursor field)
    {
        string[] names = [.. field.Value.EnumerateObject().Select(source => source.Name)];
        field.Object(names);
        foreach (var name in names)
        {
            var source = field.Need(name).Object("count", "seed", "structures", "contrast");
            string[]? structures = source.Find("structures") is { } list
                ? [.. list.Items().Select(item => item.Text())]
                : null;
            _ = Located(field.Need(name), () => PhantomSet.ProfileOf(structures));
            yield return new(
                name,
                (int)source.Need("count").Whole(1),
                source.Need("seed").Whole(0),
                structures
            )
            {
                Contrast = Contrast(source),
            };
        }
    }

    private static PhantomContrast Contrast(JsonCursor phantoms) =>
        phantoms.Find("contrast") is { } name
            ? Located(name, () => PhantomSet.ContrastOf(name.Text()))
            : PhantomContrast.Dess;

    // One, or one for each of the file's recipes.
    private IEnumerable<SweepFileRow> Rows(JsonCursor field)
    {
        if (root.Find("recipes") is not { } recipes)
            return [Row(field, Either(field, "recipe"), null)];
        if (Either(field, "recipe") is { } other)
            throw other.Problem(
                "a recipe beside 'recipes', which are crossed with all rows",
                "Remove one of the two"
            );
        string[] names =
        [
            .. recipes.Object(Names(recipes)).Value.EnumerateObject().Select(one => one.Name),
        ];
        return names.Select(name => Row(field, recipes.Need(name), name));
    }

    private static string[] Names(JsonCursor field) =>
        field.Value.ValueKind == JsonValueKind.Object
            ? [.. field.Value.EnumerateObject().Select(one => one.Name)]
            : [];

    private SweepFileRow Row(JsonCursor field, JsonCursor? recipe, string? recipeName)
    {
        field.Object(["spec", "name", "sources", .. Shared]);
        var spec = Beside(field.Need("spec").Text());
        return new(
            field.Where,
            field.Find("name")?.Text(),
            spec,
            Recipe(field, recipe),
            Seeds(field)
        )
        {
            RecipeName = recipeName,
            Sources = field.Find("sources") is { } sources
                ? [.. sources.Items().Select(Source)]
                : [],
        };
    }

    private string Source(JsonCursor field)
    {
        string[] known =
        [
            .. root.Find("phantoms")?.Find("sources")?.Value.EnumerateObject().Select(s => s.Name)
                ?? [],
        ];
        return known.Contains(field.Text())
            ? field.Text()
            : throw field.Problem(
                $"no such source '{field.Text()}'",
                known is []
                    ? "List it in 'sources' of 'phantoms'"
                    : $"Use {string.Join(", ", known)}"
            );
    }

    // The row's own value, or else the one for all rows.
    private JsonCursor? Either(JsonCursor row, string name) =>
        row.Find(name) ?? overrides.Find(name) ?? root.Find(name);

    private Recipe Recipe(JsonCursor row, JsonCursor? named)
    {
        var recipe = named is { } field ? Named(field) : new Recipe();
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

    private static T Located<T>(JsonCursor field, Func<T> read)
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
        Regex.IsMatch(name, SpecName.Pattern) ? Path.Combine(folder, name) : name;
}
