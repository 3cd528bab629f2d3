namespace KneeSeg.Evaluation.Longitudinal;

/// <summary>An evaluation whose cases are visits of knees.</summary>
public static class VisitedEvaluation
{
    /// <summary>The same evaluation, with each case's visit and the <see cref="ChangeResponse" />.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="visits">Visits of its cases; others are ignored.</param>
    public static EvaluationSummary Of(
        EvaluationSummary evaluation,
        IReadOnlyList<CaseVisit> visits
    )
    {
        var byCase = visits.ToDictionary(visit => visit.Case);
        CaseMetrics[] cases =
        [
            .. evaluation.Cases.Select(one =>
                byCase.TryGetValue(one.Id, out var visit)
                    ? one with
                    {
                        Subject = visit.Subject,
                        Knee = visit.Knee,
                        Visit = visit.Visit,
                        Scan = visit.Scan,
                        Years = visit.Years,
                    }
                    : one
            ),
        ];
        return evaluation with { Cases = cases, Response = Response(cases, byCase) };
    }

    private static ChangeResponse? Response(
        IEnumerable<CaseMetrics> cases,
        Dictionary<string, CaseVisit> visits
    )
    {
        var plates =
            from one in cases
            where visits.ContainsKey(one.Id)
            let visit = visits[one.Id]
            from label in one.Labels
            where label.PlateThickness is not null
            group (visit, label.PlateThickness!.Value) by label.Name;
        return plates.Select(plate => Response(plate.Key, [.. plate])).MaxBy(Size);
        static double Size(ChangeResponse? response) => Math.Abs(response?.Reference ?? 0);
    }

    private static ChangeResponse? Response(
        string plate,
        IReadOnlyList<(CaseVisit Visit, (double Reference, double Prediction) Thickness)> scans
    )
    {
        ChangeStatistics Change(Func<(double Reference, double Prediction), double> of) =>
            RegionStatistics
                .Of(
                    plate,
                    null,
                    [
                        .. KneeSeries.Of(
                            scans.Select(scan => new Measurement(
                                scan.Visit.Subject,
                                scan.Visit.Knee,
                                plate,
                                scan.Visit.Visit,
                                scan.Visit.Scan,
                                scan.Visit.Years,
                                of(scan.Thickness)
                            ))
                        ),
                    ]
                )
                .Change;
        return Change(one => one.Reference) is { Srm: { } reference } known
            ? new(plate, known.NChange, reference, Change(one => one.Prediction).Srm)
            : null;
    }
}
