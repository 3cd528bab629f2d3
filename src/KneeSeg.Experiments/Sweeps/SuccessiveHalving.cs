using KneeSeg.Reports.Sweeps;
using KneeSeg.Runs;
using static System.FormattableString;

namespace KneeSeg.Experiments.Sweeps;

/// <summary>
/// Successive halving (Jamieson and Talwalkar 2016): all rows are trained for a share of their epochs, the better half by validation
/// Dice for twice as many, and so on, until one is trained to its end or the budget is spent. What is next follows from the logs
/// alone, so that a search that was interrupted goes on as if it had not been.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="budget">Seconds of training.</param>
/// <param name="log">The log of a run, by its name.</param>
/// <param name="hasFailed">Whether a run has failed.</param>
internal sealed class SuccessiveHalving(
    IReadOnlyList<HalvedRow> rows,
    double budget,
    Func<string, IReadOnlyList<EpochRecord>> log,
    Func<string, bool> hasFailed
)
{
    private readonly Dictionary<string, SearchedRow> outcome = rows.ToDictionary(
        row => row.Name,
        row => new SearchedRow(row.Name, 0, 0, null, "")
    );

    // Rows with equal runs share them.
    private readonly HashSet<(string Run, int Epoch)> counted = [];
    private double spent;

    private int Rungs => 1 + (int)Math.Ceiling(Math.Log2(rows.Count));

    /// <summary>Follows the search as far as the logs go.</summary>
    /// <returns>What is to be trained next, null at the end; seconds spent; and what became of each row.</returns>
    public (Segment? Next, double Spent, IReadOnlyList<SearchedRow> Rows) Follow()
    {
        IReadOnlyList<HalvedRow> left = rows;
        Segment? next = null;
        for (var rung = 1; rung <= Rungs && next is null; rung++)
        {
            List<HalvedRow> trained = [];
            foreach (var row in left)
            {
                next = Train(row, rung);
                if (next is not null)
                    break;
                if (outcome[row.Name].Dropped is "")
                    trained.Add(row);
            }
            if (next is null)
                left = rung < Rungs ? Better(trained, rung) : trained;
        }
        return (next, spent, [.. rows.Select(row => outcome[row.Name])]);
    }

    private Segment? Train(HalvedRow row, int rung)
    {
        var target = row.Epoch(rung, Rungs);
        var before = outcome[row.Name].Epochs;
        foreach (var run in row.Runs)
        {
            if (hasFailed(run))
            {
                Drop(row, $"rung {rung}: run {run} failed");
                return null;
            }
            var epochs = log(run);
            foreach (var epoch in epochs.Where(one => one.Epoch <= target))
                if (counted.Add((run, epoch.Epoch)))
                    spent += epoch.Seconds;
            if (epochs.Count >= target)
                continue;
            // What was begun is finished, so that an interruption changes no decision.
            var isBegun = epochs.Count > before;
            var estimate =
                epochs.Count == 0
                    ? 0
                    : epochs.Average(one => one.Seconds) * (target - epochs.Count);
            if (isBegun || spent + estimate < budget)
                return new(run, target);
            Drop(
                row,
                Invariant(
                    $"rung {rung}: {DurationText.Of(TimeSpan.FromSeconds(spent))} of {DurationText.Of(TimeSpan.FromSeconds(budget))} were spent, too much to train it to epoch {target}"
                )
            );
            return null;
        }
        outcome[row.Name] = new(
            row.Name,
            rung,
            target,
            row.Runs.Average(run => DiceAt(log(run), target)),
            ""
        );
        return null;
    }

    // The best first, so that the budget is spent on them.
    private List<HalvedRow> Better(List<HalvedRow> trained, int rung)
    {
        HalvedRow[] ranked = [.. trained.OrderByDescending(row => outcome[row.Name].Dice ?? -1)];
        var kept = (ranked.Length + 1) / 2;
        foreach (var (place, row) in ranked.Index().Skip(kept))
            Drop(
                row,
                Invariant(
                    $"rung {rung}, epoch {outcome[row.Name].Epochs}: {place + 1} of {ranked.Length} by validation Dice, {kept} kept"
                )
            );
        return [.. ranked.Take(kept)];
    }

    private void Drop(HalvedRow row, string why) =>
        outcome[row.Name] = outcome[row.Name] with { Dropped = why };

    private static double? DiceAt(IReadOnlyList<EpochRecord> log, int epoch) =>
        log.LastOrDefault(one =>
            one.Epoch <= epoch && one.Validation is not null
        )?.Validation!.Mean;
}

/// <summary>A row of a search.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Runs">Its repeats.</param>
/// <param name="Epochs">Of its recipe.</param>
/// <param name="ValidateEvery">Of its recipe.</param>
internal sealed record HalvedRow(
    string Name,
    IReadOnlyList<string> Runs,
    int Epochs,
    int ValidateEvery
)
{
    /// <summary>The epoch that ends a rung: a share of all that halves from rung to rung before the last, and one with a validation.</summary>
    public int Epoch(int rung, int rungs)
    {
        var share = Math.ScaleB(1, rung - rungs);
        var validations = (int)Math.Ceiling(share * Epochs / ValidateEvery);
        return Math.Min(Epochs, Math.Max(1, validations) * ValidateEvery);
    }
}

/// <summary>What a search trains next.</summary>
/// <param name="Run">The run.</param>
/// <param name="Epoch">The epoch after which it stops for now.</param>
internal readonly record struct Segment(string Run, int Epoch);
