using KneeSeg.Evaluation;

namespace KneeSeg.Tests.Evaluation;

public class BootstrapTests
{
    // Dice of fifteen cases, one of them missed.
    private static readonly double[] Dice =
    [
        0.91,
        0.88,
        0.90,
        0.85,
        0.79,
        0.93,
        0.89,
        0.87,
        0.90,
        0.00,
        0.86,
        0.88,
        0.92,
        0.84,
        0.90,
    ];

    [Fact]
    public void The_interval_of_a_mean_is_that_of_scipy_but_for_the_draws()
    {
        // scipy.stats.bootstrap(method="percentile", n_resamples=300_000).
        var interval = Bootstrap.Mean(Dice)!;
        Assert.Equal(0.6967, interval.Low, 0.005);
        Assert.Equal(0.8927, interval.High, 0.002);
    }

    [Fact]
    public void The_same_values_in_any_order_give_the_same_interval() =>
        Assert.Equal(Bootstrap.Mean(Dice), Bootstrap.Mean([.. Dice.Reverse()]));

    [Fact]
    public void Cases_that_agree_have_no_width()
    {
        var interval = Bootstrap.Mean([0.5, 0.5, 0.5])!;
        Assert.Equal((0.5, 0.5), (interval.Low, interval.High));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fewer_than_two_values_have_no_interval(int count) =>
        Assert.Null(Bootstrap.Mean(new double[count]));
}
