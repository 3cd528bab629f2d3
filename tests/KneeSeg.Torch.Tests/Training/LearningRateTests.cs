using KneeSeg.Training;

namespace KneeSeg.Torch.Tests.Training;

/// <summary>The schedule at its corners.</summary>
public sealed class LearningRateTests
{
    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(4, 0.5)]
    [InlineData(9, 1.0)]
    [InlineData(10, 1.0)]
    [InlineData(60, 0.5)]
    [InlineData(110, 0.0)]
    public void It_climbs_in_ten_steps_then_falls_along_half_a_cosine(long step, double rate) =>
        Assert.Equal(rate, LearningRate.At(1, step, warmup: 10, total: 110), 1e-12);
}
