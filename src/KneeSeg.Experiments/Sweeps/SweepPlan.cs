using KneeSeg.Data.Datasets;
using KneeSeg.Dsl;
using KneeSeg.Reports.Sweeps;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;
using static TorchSharp.torch;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>A checked sweep: networks built, patch sizes checked, identical runs merged, costs computed.</summary>
/// <param name="Index">The rows.</param>
/// <param name="Runs">The runs, without duplicates.</param>
internal sealed record SweepPlan(SweepIndex Index, IReadOnlyList<TrainingRequest> Runs)
{
    /// <summary>Plans and checks.</summary>
    /// <exception cref="ProblemException">
    /// A name is given twice, or a recipe or a patch is invalid (exit 2), there are no data (exit 2 or 3), or a network
    /// cannot be built or does not accept its patch size (exit 4).
    /// </exception>
    public static SweepPlan Of(SweepRequest sweep, int threads)
    {
        var entries = Entries(sweep);
        var (profile, channels) = Labels(sweep);
        var runs =
            new OrderedDictionary<(string Hash, Recipe Recipe, string Data), TrainingRequest>();
        SweepRow[] rows =
        [
            .. entries.Select(entry =>
            {
                var graph = entry.Row.Sources is []
                    ? Checked(entry, profile, channels)
                    : Checked(entry, Union(sweep, entry.Row), []);
                SweepRun[] repeats =
                [
                    .. entry.Row.Seeds.Select(
                        (seed, i) => new SweepRun(Repeat(entry, graph, seed, i + 1), seed)
                    ),
                ];
                return Row(entry.Name, graph, entry.Row.Recipe, repeats) with
                {
                    Recipe = entry.Row.RecipeName,
                };
            }),
        ];
        return new(new SweepIndex(1, sweep.File.Name, threads, rows), [.. runs.Values]);

        // The name of a new run, or of an identical one.
        string Repeat(Entry entry, Graph graph, long seed, int number)
        {
            var recipe = entry.Row.Recipe with { Seed = seed };
            string[] data =
            [
                .. entry.Row.Sources.Select(name => SourceOf(sweep, name).Folder(sweep.Out)),
            ];
            var key = (graph.Hash, recipe, string.Join('\n', data));
            if (!runs.TryGetValue(key, out var run))
            {
                var name = Free($"{Slug(entry.Name)}-r{number}");
                run = new TrainingRequest(
                    entry.Network,
                    data.FirstOrDefault() ?? sweep.DataFolder,
                    SweepIndex.RunOf(sweep.Out, name),
                    recipe,
                    Precision.Auto,
                    CPU
                )
                {
                    FurtherData = [.. data.Skip(1)],
                };
                runs.Add(key, run);
            }
            return Path.GetFileName(run.Run);
        }

        // Different names can give the same folder name.
        string Free(string name) =>
            runs.Values.Any(run => Path.GetFileName(run.Run) == name) ? Free($"{name}-b") : name;
    }

    // A row of the table for each network of a row of the file.
    private static Entry[] Entries(SweepRequest sweep)
    {
        Entry[] entries = [.. sweep.File.Rows.SelectMany(Of)];
        var twice = entries.GroupBy(entry => entry.Name).FirstOrDefault(same => same.Count() > 1);
        return twice is null
            ? entries
            : throw new ProblemException(
                ExitCode.Usage,
                twice.Last().Row.Where,
                $"duplicate row name '{twice.Key}'",
                "Rename one of the rows"
            );

        IEnumerable<Entry> Of(SweepFileRow row)
        {
            var networks = sweep.Networks[row.Spec];
            if (row.Name is not null && networks.Count > 1)
                throw new ProblemException(
                    ExitCode.Usage,
                    $"{row.Where}.name",
                    $"one name for {networks.Count} networks",
                    "Remove the name: each row then has the name of its network"
                );
            var recipe = row.RecipeName is { } name ? $", {name}" : "";
            return networks.Select(network => new Entry(
                (row.Name ?? network.Name) + recipe,
                network,
                row
            ));
        }
    }

    private static (LabelSchema Profile, IReadOnlyList<string> Channels) Labels(SweepRequest sweep)
    {
        if (sweep.Data is { } data)
        {
            var dataset = DatasetFolder.Open(data);
            return (dataset.Profile, dataset.Channels);
        }
        return sweep.File.Phantoms is null
            ? throw new ProblemException(
                ExitCode.Usage,
                sweep.File.Name,
                "no data: neither --data nor 'phantoms' in the file",
                "Add --data DATA, or 'phantoms' with count and size"
            )
            : (LabelSchema.Find("iwoai")!, []);
    }

    private static PhantomSource SourceOf(SweepRequest sweep, string name) =>
        sweep.File.Phantoms!.Sources.First(source => source.Name == name);

    // As training will unite them; they may not be generated yet.
    private static LabelSchema Union(SweepRequest sweep, SweepFileRow row) =>
        new(
            "union",
            [.. row.Sources.SelectMany(name => SourceOf(sweep, name).Profile.Labels).Distinct()]
        );

    private static SweepRow Row(string name, Graph graph, Recipe recipe, SweepRun[] repeats)
    {
        var patch = recipe.Patch!.Value;
        var part = recipe.BatchSize / recipe.AccumulationSteps;
        var width = Autocast.Width(Precision.Auto, CPU);
        var cost = Networks.Cost(graph, patch.Lengths);
        return new(
            name,
            graph.Name,
            graph.Hash,
            $"{patch}",
            cost.Parameters,
            cost.Macs,
            LibtorchMemory.Peak(graph, patch.Lengths, part, width).Train,
            recipe.Steps,
            recipe.BatchSize,
            repeats
        );
    }

    private static Graph Checked(Entry entry, LabelSchema profile, IReadOnlyList<string> channels)
    {
        try
        {
            return Trainer.Check(entry.Network, entry.Row.Recipe, profile, channels);
        }
        catch (SpecException e)
        {
            throw Problem(ExitCode.Spec, e.Where, e.What, e.Fix, e);
        }
        catch (ProblemException e)
        {
            throw Problem(e.Exit, e.Where, e.What, e.Fix, e);
        }

        ProblemException Problem(
            ExitCode exit,
            string where,
            string what,
            string fix,
            Exception e
        ) => new(exit, $"{entry.Row.Where} '{entry.Name}', {where}", what, fix, e);
    }

    private static string Slug(string name) =>
        string.Join(
            '-',
            string.Concat(
                    name.ToLowerInvariant()
                        .Select(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '.' ? c : ' ')
                )
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        )
            is { Length: > 0 } slug
            ? slug.TrimStart('.')
            : "row";

    private sealed record Entry(string Name, NetworkSpec Network, SweepFileRow Row);
}
