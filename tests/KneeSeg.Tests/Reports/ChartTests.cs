using KneeSeg.Reports.Charts;
using KneeSeg.Reports.Page;

namespace KneeSeg.Tests.Reports;

public sealed class ChartTests
{
    [Theory]
    [InlineData(0, 2.4, new[] { 0, 0.5, 1, 1.5, 2, 2.5 })]
    [InlineData(0, 1, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [InlineData(0, 0, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [InlineData(-130, 40, new[] { -150.0, -100, -50, 0, 50 })]
    public void Ticks_are_round_and_cover_the_range(double from, double to, double[] ticks) =>
        Assert.Equal(ticks, Ticks.Cover(from, to, 5), (a, b) => Math.Abs(a - b) < 1e-9);

    [Theory]
    [InlineData(1, 40, new[] { 1.0, 5, 10, 15, 20, 25, 30, 35, 40 })]
    [InlineData(1, 3, new[] { 1.0, 2, 3 })]
    [InlineData(7, 7, new[] { 7.0 })]
    public void Epochs_are_whole_numbers_with_both_ends(int from, int to, double[] ticks) =>
        Assert.Equal(ticks, Ticks.Whole(from, to, 8));

    [Theory]
    [InlineData(27_600_000_000, "27.6\u00a0G")]
    [InlineData(999, "999")]
    [InlineData(1_402_037, "1.40\u00a0M")]
    public void Large_numbers_have_three_figures(double number, string text) =>
        Assert.Equal(text, NumberText.Large(number));

    [Fact]
    public void A_volume_difference_has_a_sign() =>
        Assert.Equal("+3.1 %", NumberText.Percent(0.031));

    [Fact]
    public void What_does_not_exist_is_a_dash_and_not_a_zero()
    {
        Assert.Equal("–", NumberText.Fraction(null));
        Assert.Equal("–", NumberText.Percent(double.NaN));
        Assert.Equal("–", NumberText.Spread(null, null, NumberText.Millimeters));
    }
}
