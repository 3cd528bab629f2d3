using KneeSeg.Data.Datasets;
using KneeSeg.Dsl;
using KneeSeg.Runs;
using KneeSeg.Torch;
using KneeSeg.Torch.Native;
using KneeSeg.Training;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>One training of a sweep.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Spec">The network.</param>
/// <param name="Recipe">The recipe, with seed and patch.</param>
internal sealed record SweepRun(string Name, NetworkSpec Spec, Recipe Recipe);

/// <summary>A checked sweep: networks built, patch sizes checked, identical runs merged, costs computed.</summary>
/// <param name="Index">The rows.</param>
/// <param name="Runs">The runs, without duplicates.</param>
internal sealed record SweepPlan(SweepIndex Index, IReadOnlyList<SweepRun> Runs)
{
    /// <summary>Plans and checks.</summary>
    /// <exception cref="SpecException">A network is invalid or does not accept its patch size.</exception>
    /// <exception cref="ProblemException">A recipe is invalid, or a patch has the wrong number of dimensions (exit 2).</exception>
    public static SweepPlan Of(Sweep sweep, LabelSchema profile, int threads)
    {
        List<SweepRun> runs = [];
        Dictionary<(string Hash, Recipe Recipe), string> known = [];
        List<SweepIndexRow> rows = [];
        foreach (var row in sweep.Rows)
            rows.Add(Row(row, Checked(row, profile), runs, known));
        return new(new SweepIndex(1, sweep.Name, threads, rows), runs);
    }

    private static SweepIndexRow Row(
        SweepRow row,
        Graph graph,
        List<SweepRun> runs,
        Dictionary<(string Hash, Recipe Recipe), string> known
    )
    {
        List<SweepIndexRun> repeats = [];
        foreach (var (i, seed) in row.Seeds.Index())
        {
            var recipe = row.Recipe with { Seed = seed };
            if (!known.TryGetValue((graph.Hash, recipe), out var name))
            {
                name = Free($"{Slug(row.Name)}-r{i + 1}", runs);
                known[(graph.Hash, recipe)] = name;
                runs.Add(new(name, row.Spec, recipe));
            }
            repeats.Add(new(name, seed));
        }
        var patch = row.Recipe.Patch!.Value;
        var part = row.Recipe.BatchSize / row.Recipe.AccumulationSteps;
        var width = Autocast.Width(Precision.Auto, TorchSharp.torch.CPU);
        var cost = Networks.Cost(graph, patch.Lengths);
        return new(
            row.Name,
            graph.Name,
            graph.Hash,
            $"{patch}",
            cost.Parameters,
            cost.Macs,
            LibtorchMemory.Peak(graph, patch.Lengths, part, width).Train,
            row.Recipe.Steps,
            row.Recipe.BatchSize,
            repeats
        );
    }

    private static Graph Checked(SweepRow row, LabelSchema profile)
    {
        try
        {
            return Trainer.Check(row.Spec, row.Recipe, profile);
        }
        catch (SpecException e)
        {
            throw new ProblemException(
                ExitCode.Spec,
                $"{row.Where} '{row.Name}', {e.Where}",
                e.What,
                e.Fix,
                e
            );
        }
        catch (ProblemException e)
        {
            throw new ProblemException(
                e.Exit,
                $"{row.Where} '{row.Name}', {e.Where}",
                e.What,
                e.Fix,
                e
            );
        }
    }

    // Different names can give the same folder name.
    private static string Free(string name, List<SweepRun> runs) =>
        runs.Any(run => run.Name == name) ? Free($"{name}-b", runs) : name;

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
}
