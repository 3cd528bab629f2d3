namespace KneeSeg.Training;

/// <summary>
/// The learning rate of a step: a linear warm-up, then a half cosine down to nothing
/// (Loshchilov and Hutter 2017), so that the last weights are good ones.
/// </summary>
public static class LearningRate
{
    /// <summary>The rate for a step.</summary>
    /// <param name="peak">The highest rate, reached at the end of the warm-up.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="warmup">Steps of warm-up.</param>
    /// <param name="total">All steps of the run.</param>
    public static double At(double peak, long step, long warmup, long total)
    {
        if (step < warmup)
            return peak * (step + 1) / warmup;
        var done = (double)(step - warmup) / Math.Max(1, total - warmup);
        return peak * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, done)));
    }
}
