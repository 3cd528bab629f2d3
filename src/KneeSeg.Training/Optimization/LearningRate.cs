using KneeSeg.Runs;

namespace KneeSeg.Training.Optimization;

/// <summary>The learning rate of each step: linear warm-up, then the recipe's schedule, at least minLearningRate.</summary>
internal static class LearningRate
{
    private const double PolynomialPower = .9;

    /// <summary>The rate for a step: a pure function of the recipe, the step, and the validations before it.</summary>
    /// <param name="recipe">Its peak rate, schedule, warm-up, decay and minimum.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="log">Earlier epochs; used by the plateau schedule only.</param>
    public static double At(Recipe recipe, long step, IReadOnlyList<EpochRecord> log)
    {
        var peak = recipe.LearningRate;
        if (step < recipe.Warmup)
            return peak * (step + 1) / recipe.Warmup;
        var left = Math.Max(1, recipe.Steps - recipe.Warmup);
        var done = Math.Min(1, (double)(step - recipe.Warmup) / left);
        var epochs = (double)step / recipe.StepsPerEpoch;
        var share = recipe.Schedule switch
        {
            Schedule.Polynomial => Math.Pow(1 - done, PolynomialPower),
            Schedule.StepDrop => Math.Pow(
                recipe.DecayFactor,
                Math.Floor((1 + epochs) / recipe.DecayEvery)
            ),
            Schedule.EpochDecay => Math.Pow(recipe.DecayFactor, 1 + Math.Floor(epochs)),
            Schedule.Plateau => Math.Pow(recipe.DecayFactor, Plateaus(recipe, log)),
            Schedule.Constant => 1,
            _ => 0.5 * (1 + Math.Cos(Math.PI * done)),
        };
        return Math.Max(peak * share, recipe.MinLearningRate);
    }

    private static int Plateaus(Recipe recipe, IReadOnlyList<EpochRecord> log)
    {
        var (best, waited, plateaus) = (double.NegativeInfinity, 0, 0);
        foreach (var epoch in log)
        {
            if (epoch.Validation is not { } validation)
                continue;
            (best, waited) = validation.Mean > best ? (validation.Mean, 0) : (best, waited + 1);
            if (waited < recipe.DecayEvery)
                continue;
            (waited, plateaus) = (0, plateaus + 1);
        }
        return plateaus;
    }
}
