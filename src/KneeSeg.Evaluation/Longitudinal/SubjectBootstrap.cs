namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>
/// The percentile bootstrap of a standardized response mean over subjects, so that both knees of one stay together (Efron and
/// Tibshirani 1993). Up to 10 subjects it is exact: all samples with their probabilities. Beyond, 20,000 are drawn, always the
/// same.
/// </summary>
internal static class SubjectBootstrap
{
    private const int MostExact = 10;
    private const int Resamples = 20_000;
    private const long Seed = 1;

    // Samples whose variance is below this part of all changes' mean square have no spread but rounding.
    private const double NoSpread = 1e-12;

    /// <summary>The 95 % interval: the smallest values whose probability reaches 2.5 % and 97.5 %.</summary>
    /// <param name="subjects">Each one's changes.</param>
    /// <returns>Null with fewer than two subjects, or where no sample has spread.</returns>
    public static Interval? Srm(IReadOnlyList<double[]> subjects)
    {
        if (subjects.Count < 2)
            return null;
        // Around their mean, sums of squares lose no digits.
        var mean = subjects.SelectMany(changes => changes).Average();
        Sums[] sums = [.. subjects.Select(changes => Sums.Of(changes, mean))];
        var least = NoSpread * subjects.SelectMany(changes => changes).Average(c => c * c);
        List<(double Srm, double Weight)> samples = [];
        void Add(Sums sample, double weight)
        {
            if (sample.Count > 1 && sample.Variance is var variance && variance > least)
                samples.Add(((mean + sample.Mean) / Math.Sqrt(variance), weight));
        }
        if (sums.Length <= MostExact)
            Enumerate(sums, 0, sums.Length, default, 1, Add);
        else
            Draw(sums, Add);
        if (samples.Count == 0)
            return null;
        samples.Sort();
        var all = samples.Sum(sample => sample.Weight);
        return new(Quantile(samples, 0.025 * all), Quantile(samples, 0.975 * all));
    }

    // A subject that is drawn k times divides the number of orders, and so the weight, by k!.
    private static void Enumerate(
        Sums[] subjects,
        int subject,
        int left,
        Sums sample,
        double weight,
        Action<Sums, double> add
    )
    {
        if (subject == subjects.Length || left == 0)
        {
            if (left == 0)
                add(sample, weight);
            return;
        }
        for (var times = 0; times <= left; times++)
        {
            if (times > 0)
                (sample, weight) = (sample + subjects[subject], weight / times);
            Enumerate(subjects, subject + 1, left - times, sample, weight, add);
        }
    }

    private static void Draw(Sums[] subjects, Action<Sums, double> add)
    {
        var random = SplitMix64.At(Seed, subjects.Length);
        for (var resample = 0; resample < Resamples; resample++)
        {
            var sample = default(Sums);
            for (var draw = 0; draw < subjects.Length; draw++)
                sample += subjects[random.Below(subjects.Length)];
            add(sample, 1);
        }
    }

    private static double Quantile(List<(double Srm, double Weight)> samples, double weight)
    {
        var below = 0.0;
        foreach (var sample in samples)
            if ((below += sample.Weight) >= weight * (1 - 1e-12))
                return sample.Srm;
        return samples[^1].Srm;
    }

    private readonly record struct Sums(int Count, double Sum, double Squares)
    {
        public double Mean => Sum / Count;

        public double Variance => (Squares - Sum * Sum / Count) / (Count - 1);

        public static Sums Of(double[] changes, double around) =>
            new(
                changes.Length,
                changes.Sum(change => change - around),
                changes.Sum(change => (change - around) * (change - around))
            );

        public static Sums operator +(Sums a, Sums b) =>
            new(a.Count + b.Count, a.Sum + b.Sum, a.Squares + b.Squares);
    }
}
