using KneeSeg.Experiments.Sweeps;
using KneeSeg.Reports.Sweeps;
using KneeSeg.Runs;

namespace KneeSeg.Torch.Tests.Experiments;

/// <summary>Searches over rows whose trainings are made up: row i has a Dice of i tenths at its end, and grows towards it.</summary>
public sealed class SuccessiveHalvingTests
{
    private const int Epochs = 16;
    private readonly Dictionary<string, List<EpochRecord>> logs = [];

    private static HalvedRow[] Rows(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new HalvedRow($"{i}", [$"{i}-r1"], Epochs, 2))];

    private SuccessiveHalving Search(int count, double budget, params string[] failed) =>
        new(
            Rows(count),
            budget,
            run => logs.GetValueOrDefault(run) ?? [],
            run => failed.Contains(run)
        );

    private void Train(string run, int to)
    {
        var log = logs.TryGetValue(run, out var found) ? found : logs[run] = [];
        while (log.Count < to)
        {
            var epoch = log.Count + 1;
            var dice = double.Parse(run[..1]) / 10 * epoch / Epochs;
            log.Add(
                new(
                    epoch,
                    10 * epoch,
                    1,
                    1,
                    Seconds: 10,
                    epoch % 2 == 0 ? new ValidationRecord([dice], dice) : null
                )
            );
        }
    }

    // To the end, or until so many epochs have been trained.
    private IReadOnlyList<SearchedRow> Run(int count, double budget, int epochs = 1_000_000)
    {
        while (true)
        {
            var (next, _, rows) = Search(count, budget).Follow();
            if (next is not { } segment || epochs <= 0)
                return rows;
            var before = logs.GetValueOrDefault(segment.Run)?.Count ?? 0;
            var to = Math.Min(segment.Epoch, before + epochs);
            Train(segment.Run, to);
            epochs -= to - before;
        }
    }

    [Fact]
    public void The_better_half_is_kept_until_one_row_is_trained_to_its_end()
    {
        var rows = Run(8, budget: 1e9);
        Assert.Equal([1, 1, 1, 1, 2, 2, 3, 4], rows.Select(row => row.Rung));
        Assert.Equal([2, 2, 2, 2, 4, 4, 8, 16], rows.Select(row => row.Epochs));
        Assert.Equal("", rows[7].Dropped);
        Assert.Equal("rung 1, epoch 2: 8 of 8 by validation Dice, 4 kept", rows[0].Dropped);
        Assert.Equal("rung 3, epoch 8: 2 of 2 by validation Dice, 1 kept", rows[6].Dropped);
        Assert.Equal(
            rows.Select(row => row.Epochs),
            rows.Select(row => logs[row.Row + "-r1"].Count)
        );
    }

    [Fact]
    public void Nothing_is_begun_that_the_budget_does_not_hold_and_the_rest_says_so()
    {
        // Rung 1 takes 8 × 20 s, rung 2 again 4 × 20 s.
        var rows = Run(8, budget: 225);
        Assert.InRange(logs.Values.Sum(log => log.Sum(one => one.Seconds)), 160, 225);
        Assert.Contains("3m40s of 3m45s were spent", rows[4].Dropped);
        Assert.Equal(2, rows[7].Rung);
    }

    [Fact]
    public void A_search_that_is_interrupted_anywhere_ends_as_one_that_was_not()
    {
        foreach (var budget in new[] { 150.0, 225, 333, 1e9 })
        {
            logs.Clear();
            var whole = Run(5, budget);
            var trained = logs.ToDictionary(one => one.Key, one => one.Value.Count);
            for (var cut = 1; cut < 40; cut += 3)
            {
                logs.Clear();
                Run(5, budget, cut);
                Assert.Equal(whole, Run(5, budget));
                Assert.Equal(trained, logs.ToDictionary(one => one.Key, one => one.Value.Count));
            }
        }
    }

    [Fact]
    public void A_larger_budget_goes_on_where_a_smaller_one_ended()
    {
        Run(8, budget: 225);
        var further = Run(8, budget: 1e9);
        logs.Clear();
        Assert.Equal(Run(8, budget: 1e9), further);
    }

    [Fact]
    public void A_row_that_fails_is_dropped_and_the_others_go_on()
    {
        Train("3-r1", 1);
        var (next, _, rows) = Search(4, 1e9, "0-r1").Follow();
        Assert.Equal("1-r1", next!.Value.Run);
        Assert.Equal("rung 1: run 0-r1 failed", rows[0].Dropped);
    }

    [Fact]
    public void Rungs_end_at_validations()
    {
        HalvedRow row = new("x", ["x-r1"], Epochs: 42, ValidateEvery: 6);
        Assert.Equal([6, 12, 24, 42], Enumerable.Range(1, 4).Select(rung => row.Epoch(rung, 4)));
    }
}
