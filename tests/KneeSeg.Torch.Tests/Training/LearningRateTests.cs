using KneeSeg.Runs;
using KneeSeg.Training.Optimization;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>Schedules at their corners.</summary>
public sealed class LearningRateTests
{
    private static readonly Recipe Plain = new()
    {
        Epochs = 11,
        StepsPerEpoch = 10,
        LearningRate = 1,
        Warmup = 10,
    };

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(4, 0.5)]
    [InlineData(9, 1.0)]
    [InlineData(10, 1.0)]
    [InlineData(60, 0.5)]
    [InlineData(110, 0.0)]
    public void It_climbs_in_ten_steps_then_falls_along_half_a_cosine(long step, double rate) =>
        Assert.Equal(rate, LearningRate.At(Plain, step, []), 1e-12);

    [Theory]
    [InlineData(10, 1.0)]
    [InlineData(60, 0.535886731268146)] // 0.5^0.9
    [InlineData(110, 0.0)]
    public void A_polynomial_has_the_power_of_nine_tenths(long step, double rate) =>
        Assert.Equal(
            rate,
            LearningRate.At(Plain with { Schedule = Schedule.Polynomial }, step, []),
            1e-12
        );

    [Theory]
    [InlineData(0, 5e-4)]
    [InlineData(239, 5e-4)] // The last step of the second epoch.
    [InlineData(240, 4.5e-4)] // (1 + 2) / 3 epochs: one earlier than three whole ones.
    [InlineData(599, 4.5e-4)]
    [InlineData(600, 4.05e-4)]
    [InlineData(5999, 9.265101e-5)] // 5e-4 · 0.9^16
    public void The_published_steps_drop_an_epoch_early(long step, double rate) =>
        Assert.Equal(rate, LearningRate.At(Recipes.Named["published-vnet"], step, []), 1e-8);

    [Fact]
    public void The_published_baseline_drops_by_a_hundredth_every_ten_epochs()
    {
        var recipe = Recipes.Named["published-baseline"];
        Assert.Equal(5e-4, LearningRate.At(recipe, 9 * 120 - 1, []), 1e-12);
        Assert.Equal(4.95e-4, LearningRate.At(recipe, 9 * 120, []), 1e-12);
        Assert.Equal(1e-7, LearningRate.At(recipe with { DecayFactor = 1e-9 }, 9 * 120, []), 1e-12);
    }

    [Fact]
    public void An_epoch_s_decay_begins_with_the_first()
    {
        var recipe = Plain with { Schedule = Schedule.EpochDecay, DecayFactor = .8, Warmup = 0 };
        Assert.Equal(.8, LearningRate.At(recipe, 9, []), 1e-12);
        Assert.Equal(.64, LearningRate.At(recipe, 10, []), 1e-12);
    }

    [Fact]
    public void A_plateau_drops_after_so_many_validations_without_a_better_Dice()
    {
        var recipe = Plain with
        {
            Schedule = Schedule.Plateau,
            DecayFactor = .5,
            DecayEvery = 2,
            Warmup = 0,
        };
        double?[] dice = [.1, .3, null, .2, .3, .25, .4, .1, .1];
        double After(int epochs) =>
            LearningRate.At(
                recipe,
                10 * epochs,
                [
                    .. dice.Take(epochs)
                        .Select(
                            (d, i) =>
                                new EpochRecord(
                                    i + 1,
                                    10 * (i + 1),
                                    1,
                                    1,
                                    1,
                                    d is { } mean ? new([], mean) : null
                                )
                        ),
                ]
            );
        // Better at the second and seventh; the two after the second that were none come to an end at the fifth.
        Assert.Equal([1, 1, 1, 1, 1, .5, .5, .5, .5, .25], Enumerable.Range(0, 10).Select(After));
    }
}
