namespace KneeSeg.Data.Preprocessing;

/// <summary>Normalizes intensities by a <see cref="NormalizationMethod"/>.</summary>
internal static class IntensityNormalization
{
    // The clipping value of the published runs.
    private const float Constant = 0.01f;

    /// <summary>Normalizes in place.</summary>
    public static void Apply(float[] voxels, Preprocessor preprocessor)
    {
        switch (preprocessor.Intensity)
        {
            case NormalizationMethod.ZScore:
                var whole = Moments(voxels, float.NegativeInfinity, float.PositiveInfinity);
                Scale(voxels, whole.Low, whole.High, whole.Mean, whole.Deviation);
                break;
            case NormalizationMethod.Constant:
                var before = Moments(voxels, float.NegativeInfinity, float.PositiveInfinity);
                var after = Moments(voxels, float.NegativeInfinity, Constant);
                Scale(voxels, before.Low, Constant, before.Mean, after.Deviation);
                break;
            default:
                var low = OrderStatistic.Percentile(voxels, preprocessor.LowPercentile);
                var high = OrderStatistic.Percentile(voxels, preprocessor.HighPercentile);
                var cut = Moments(voxels, low, high);
                Scale(voxels, low, high, cut.Mean, cut.Deviation);
                break;
        }
    }

    private static (float Low, float High, double Mean, double Deviation) Moments(
        float[] voxels,
        float from,
        float to
    )
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in voxels)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        (low, high) = (Math.Clamp(low, from, to), Math.Clamp(high, from, to));
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in voxels)
        {
            // Around the low end, so that the squares of large values lose no digits.
            double above = Math.Clamp(value, low, high) - low;
            sum += above;
            squares += above * above;
        }
        var mean = sum / voxels.Length;
        var variance = Math.Max(0, squares / voxels.Length - mean * mean);
        return (low, high, low + mean, Math.Sqrt(variance));
    }

    private static void Scale(float[] voxels, float low, float high, double mean, double deviation)
    {
        // A constant image has no contrast to scale.
        var scale = deviation > 0 ? 1 / deviation : 1;
        foreach (ref var value in voxels.AsSpan())
            value = (float)((Math.Clamp(value, low, high) - mean) * scale);
    }
}
