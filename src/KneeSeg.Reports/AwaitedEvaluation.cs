#pragma warning disable CS1591
// Stands in for the records of KneeSeg.Evaluation until they are there, so that this room builds; it goes then.
namespace KneeSeg.Evaluation;

public sealed record LabelMetrics(
    int Label,
    string Name,
    double? Dice,
    double? Iou,
    double? Voe,
    double? Sensitivity,
    double? Precision,
    double? Assd,
    double? Hd,
    double? Hd95,
    double? VolumeDifference,
    bool Missed,
    bool Invented
);

public sealed record CaseMetrics(string Id, IReadOnlyList<LabelMetrics> Labels);

public sealed record Spread(double? Mean, double? Sd);

public sealed record LabelSummary(
    int Label,
    string Name,
    int N,
    int Missed,
    int Invented,
    Spread Dice,
    Spread Assd,
    Spread Hd95,
    Spread VolumeDifference
);

public sealed record EvaluationSummary(
    IReadOnlyList<CaseMetrics> Cases,
    IReadOnlyList<LabelSummary> Labels,
    double? MeanDice
);

public static class EvalStandin
{
    extension(EvaluationSummary)
    {
        public static EvaluationSummary Of(IReadOnlyList<CaseMetrics> cases)
        {
            static Spread Sp(IEnumerable<double?> v)
            {
                var a = v.OfType<double>().ToArray();
                if (a.Length == 0)
                    return new(null, null);
                var m = a.Average();
                return new(m, Math.Sqrt(a.Average(x => (x - m) * (x - m))));
            }
            var sum = cases[0]
                .Labels.Select(
                    (x, i) =>
                    {
                        var m = cases.Select(c => c.Labels[i]).ToList();
                        return new LabelSummary(
                            x.Label,
                            x.Name,
                            m.Count,
                            m.Count(y => y.Missed),
                            m.Count(y => y.Invented),
                            Sp(m.Select(x => x.Dice)),
                            Sp(m.Select(x => x.Assd)),
                            Sp(m.Select(x => x.Hd95)),
                            Sp(m.Select(x => x.VolumeDifference))
                        );
                    }
                )
                .ToList();
            return new(cases, sum, sum.Average(s => s.Dice.Mean));
        }
    }
}
